/* SPDX-License-Identifier: Apache-2.0 */

#include "sections.h"

#include "bytes.h"
#include "dense.h"

enum {
  OUTPUTS_HEAD_BYTES = 24,
  OUTPUT_BYTES = 16,
  COUNT_BYTES = 20,
  SCORE_BYTES = 12,
  SELFTEST_HEAD_BYTES = 8,
  LAST_ACTIVATION = 3,
  DENSE = 1,
  LARGEST_SHIFT = 62,
  LARGEST_EXPONENT = 1000
};

/* No enumerators: an int may have 16 bits. */
#define LARGEST_BIAS (INT32_C(1) << 30)
#define LEAST_MULTIPLIER (INT32_C(1) << 30)

int nnq_is_zero(const uint8_t *bytes, uint32_t count) {
  uint32_t any = 0;
  while (count > 0) {
    any |= bytes[--count];
  }
  return any == 0;
}

static int is_width(uint32_t bits) { return bits == 8 || bits == 16; }

static int is_within(int32_t x, int32_t low, int32_t high) { return x >= low && x <= high; }

static int is_code(int32_t x, uint32_t bits) {
  return is_within(x, nnq_lowest_code(bits), nnq_highest_code(bits));
}

static int is_zero_point(int32_t x, uint32_t bits) { return bits == 16 ? x == 0 : is_code(x, bits); }

static nnq_status check_factor(const uint8_t *multiplier, uint32_t shift) {
  if (nnq_i32(multiplier) < LEAST_MULTIPLIER) return NNQ_ERROR_MULTIPLIER;
  return shift >= 1 && shift <= LARGEST_SHIFT ? NNQ_OK : NNQ_ERROR_SHIFT;
}

/* ---- network ---- */

static nnq_status check_record(const uint8_t *record, uint32_t inputs) {
  uint32_t bits = record[2];
  if (record[0] != DENSE) return NNQ_ERROR_OPERATION;
  if (record[1] != 8 || !is_width(bits)) return NNQ_ERROR_BITS;
  if (record[3] > LAST_ACTIVATION) return NNQ_ERROR_ACTIVATION;
  if (record[4] > 1 || (record[4] == 1 && bits != 8)) return NNQ_ERROR_TABLE;
  if (!nnq_is_zero(record + 5, 3) || !nnq_is_zero(record + 18, 6)) return NNQ_ERROR_RESERVED;
  if (nnq_u16(record + 8) != inputs || nnq_u16(record + 10) == 0) return NNQ_ERROR_DIMENSION;

  int32_t zero_point = nnq_i16(record + 12);
  int32_t low = nnq_i16(record + 14);
  int32_t high = nnq_i16(record + 16);
  if (!is_zero_point(zero_point, bits)) return NNQ_ERROR_ZERO_POINT;
  if (low > high || !is_code(low, bits) || !is_code(high, bits)) return NNQ_ERROR_CLAMP;
  return NNQ_OK;
}

/* Checks each row: |bias| + sum |weight| * M < 2^31, with M = 2^7 or 2^15, in whole numbers. */
static nnq_status check_data(const nnq_dense *layer) {
  const int8_t *weight = layer->weights;
  for (uint32_t o = 0; o < layer->outputs; o++) {
    int32_t bias = nnq_i32(layer->bias + 4 * o);
    if (!is_within(bias, -LARGEST_BIAS, LARGEST_BIAS)) return NNQ_ERROR_BIAS;
    nnq_status status = check_factor(layer->multiplier + 4 * o, layer->shift[o]);
    if (status != NNQ_OK) return status;

    int32_t magnitude = 0; /* at most 65,535 * 127 */
    for (uint32_t i = 0; i < layer->inputs; i++, weight++) {
      if (*weight == INT8_MIN) return NNQ_ERROR_WEIGHT;
      magnitude += *weight < 0 ? -*weight : *weight;
    }
    int32_t room = INT32_MAX - (bias < 0 ? -bias : bias);
    if (magnitude > room >> (layer->input_bits - 1)) return NNQ_ERROR_ACCUMULATOR;
  }
  const uint8_t *shift_end = layer->shift + layer->outputs;
  const uint8_t *weight_end = (const uint8_t *)weight;
  if (!nnq_is_zero(shift_end, nnq_pad4(layer->outputs) - layer->outputs)) return NNQ_ERROR_RESERVED;
  uint32_t weights = layer->inputs * layer->outputs;
  return nnq_is_zero(weight_end, nnq_pad4(weights) - weights) ? NNQ_OK : NNQ_ERROR_RESERVED;
}

nnq_status nnq_check_network(nnq_model *model, nnq_section section) {
  if (!section.bytes) return NNQ_ERROR_SECTION_MISSING;
  if (section.length < NNQ_NETWORK_HEAD_BYTES) return NNQ_ERROR_LENGTH;
  uint32_t inputs = nnq_u16(section.bytes);
  uint32_t layers = nnq_u16(section.bytes + 2);
  uint32_t bits = section.bytes[4];
  if (inputs == 0 || layers == 0 || layers > NNQ_MAX_LAYERS) return NNQ_ERROR_DIMENSION;
  if (!is_width(bits)) return NNQ_ERROR_BITS;
  if (!nnq_is_zero(section.bytes + 5, 3)) return NNQ_ERROR_RESERVED;
  model->network = section.bytes;
  model->input_count = (uint16_t)inputs;
  model->input_bits = (uint8_t)bits;
  model->layer_count = (uint8_t)layers;
  model->arena_bytes = 0;

  uint32_t left = section.length - NNQ_NETWORK_HEAD_BYTES;
  if (NNQ_RECORD_BYTES * layers > left) return NNQ_ERROR_LENGTH;
  left -= NNQ_RECORD_BYTES * layers;
  const uint8_t *record = section.bytes + NNQ_NETWORK_HEAD_BYTES;
  const uint8_t *data = record + NNQ_RECORD_BYTES * layers;
  uint32_t bytes_before = 0;
  for (uint32_t index = 0; index < layers; index++) {
    nnq_status status = check_record(record, inputs);
    if (status != NNQ_OK) return status;
    uint64_t bytes = nnq_dense_bytes(record);
    if (bytes > left) return NNQ_ERROR_LENGTH;
    nnq_dense layer;
    nnq_dense_open(&layer, record, data, bits);
    status = check_data(&layer);
    if (status != NNQ_OK) return status;

    inputs = layer.outputs;
    bits = layer.output_bits;
    record += NNQ_RECORD_BYTES;
    data += bytes;
    left -= (uint32_t)bytes;
    if (index + 1 < layers) {
      uint32_t hidden_bytes = nnq_pad4(inputs * (bits / 8));
      if (bytes_before + hidden_bytes > model->arena_bytes) {
        model->arena_bytes = bytes_before + hidden_bytes;
      }
      bytes_before = hidden_bytes;
    }
  }
  model->output_count = (uint16_t)inputs;
  model->output_bits = (uint8_t)bits;
  return left == 0 ? NNQ_OK : NNQ_ERROR_LENGTH;
}

/* ---- outputs ---- */

static nnq_status check_task(const nnq_model *model, const uint8_t *head) {
  uint32_t task = head[0];
  uint32_t outputs = model->output_count;
  if (task < NNQ_TASK_BINARY || task > NNQ_TASK_ANOMALY) return NNQ_ERROR_TASK;
  if (task == NNQ_TASK_BINARY && outputs != 1) return NNQ_ERROR_TASK;
  if (task == NNQ_TASK_MULTICLASS && outputs < 2) return NNQ_ERROR_TASK;
  if (task == NNQ_TASK_ANOMALY && outputs != model->input_count) return NNQ_ERROR_TASK;

  if (head[1] > 1 || (head[1] == 1 && task > NNQ_TASK_MULTILABEL)) return NNQ_ERROR_PROBABILITY;
  if (head[1] == 1) {
    nnq_status status = check_factor(head + 4, head[8]);
    if (status != NNQ_OK) return status;
  } else if (!nnq_is_zero(head + 4, 5)) {
    return NNQ_ERROR_PROBABILITY;
  }
  if (!nnq_is_zero(head + 9, 7)) return NNQ_ERROR_RESERVED;
  int64_t threshold = nnq_i64(head + 16);
  return threshold < 0 || (task != NNQ_TASK_ANOMALY && threshold != 0) ? NNQ_ERROR_THRESHOLD
                                                                        : NNQ_OK;
}

static nnq_status check_output(const nnq_model *model, const uint8_t *output) {
  int32_t exponent = nnq_i16(output + 8);
  if (model->task != NNQ_TASK_REGRESSION && !is_code(nnq_i32(output), model->output_bits)) {
    return NNQ_ERROR_ORIGIN;
  }
  if (nnq_i32(output + 4) < LEAST_MULTIPLIER) return NNQ_ERROR_MULTIPLIER;
  if (!is_within(exponent, -LARGEST_EXPONENT, LARGEST_EXPONENT)) return NNQ_ERROR_EXPONENT;
  if (nnq_u16(output + 10) != 0) return NNQ_ERROR_RESERVED;
  if (model->task != NNQ_TASK_BINARY && model->task != NNQ_TASK_MULTILABEL &&
      nnq_i32(output + 12) != 0) {
    return NNQ_ERROR_THRESHOLD;
  }
  return NNQ_OK;
}

nnq_status nnq_check_outputs(nnq_model *model, nnq_section section) {
  if (!section.bytes) return NNQ_ERROR_SECTION_MISSING;
  if (section.length != OUTPUTS_HEAD_BYTES + OUTPUT_BYTES * (uint32_t)model->output_count) {
    return NNQ_ERROR_LENGTH;
  }
  if (nnq_u16(section.bytes + 2) != model->output_count) return NNQ_ERROR_DIMENSION;
  nnq_status status = check_task(model, section.bytes);
  model->outputs = section.bytes;
  model->task = section.bytes[0];
  for (uint32_t o = 0; o < model->output_count && status == NNQ_OK; o++) {
    status = check_output(model, section.bytes + OUTPUTS_HEAD_BYTES + OUTPUT_BYTES * o);
  }
  return status;
}

/* ---- counts, score, selftest ---- */

nnq_status nnq_check_counts(nnq_model *model, nnq_section section) {
  model->counts = section.bytes;
  if (!section.bytes) return NNQ_OK;
  if (section.length != COUNT_BYTES * (uint32_t)model->input_count) return NNQ_ERROR_LENGTH;
  for (const uint8_t *p = section.bytes; p < section.bytes + section.length; p += COUNT_BYTES) {
    int64_t low = nnq_i32(p);
    int64_t high = nnq_i32(p + 4);
    int64_t offset = nnq_i32(p + 8);
    if (low > high || offset - low > INT32_MAX || high - offset > INT32_MAX) {
      return NNQ_ERROR_COUNTS;
    }
    nnq_status status = check_factor(p + 12, p[16]);
    if (status != NNQ_OK) return status;
    if (p[17] != 0) return NNQ_ERROR_RESERVED;
    if (!is_zero_point(nnq_i16(p + 18), model->input_bits)) return NNQ_ERROR_ZERO_POINT;
  }
  return NNQ_OK;
}

nnq_status nnq_check_score(nnq_model *model, nnq_section section) {
  model->score = section.bytes;
  if (model->task == NNQ_TASK_ANOMALY && !section.bytes) return NNQ_ERROR_SECTION_MISSING;
  if (model->task != NNQ_TASK_ANOMALY) return section.bytes ? NNQ_ERROR_SECTION_EXTRA : NNQ_OK;
  if (section.length != SCORE_BYTES * (uint32_t)model->input_count) return NNQ_ERROR_LENGTH;
  for (const uint8_t *p = section.bytes; p < section.bytes + section.length; p += SCORE_BYTES) {
    if (!is_within(nnq_i32(p), -LARGEST_BIAS, LARGEST_BIAS)) return NNQ_ERROR_ORIGIN;
    nnq_status status = check_factor(p + 4, p[8]);
    if (status != NNQ_OK) return status;
    if (!nnq_is_zero(p + 9, 3)) return NNQ_ERROR_RESERVED;
  }
  return NNQ_OK;
}

nnq_status nnq_check_selftest(nnq_model *model, nnq_section section) {
  model->selftest = section.bytes;
  if (!section.bytes) return NNQ_OK;
  if (section.length < SELFTEST_HEAD_BYTES) return NNQ_ERROR_LENGTH;
  uint32_t vectors = nnq_u16(section.bytes);
  if (vectors == 0 || vectors > NNQ_MAX_SELFTEST_VECTORS) return NNQ_ERROR_SELFTEST;
  if (!nnq_is_zero(section.bytes + 2, 6)) return NNQ_ERROR_RESERVED;

  uint32_t input = (uint32_t)model->input_count * (model->input_bits / 8u);
  uint32_t output = (uint32_t)model->output_count * (model->output_bits / 8u);
  uint32_t bytes = nnq_pad4(input) + nnq_pad4(output) + 4u * model->layer_count;
  if (section.length != SELFTEST_HEAD_BYTES + vectors * bytes) return NNQ_ERROR_LENGTH;
  const uint8_t *vector = section.bytes + SELFTEST_HEAD_BYTES;
  for (; vectors > 0; vectors--, vector += bytes) {
    if (!nnq_is_zero(vector + input, nnq_pad4(input) - input) ||
        !nnq_is_zero(vector + nnq_pad4(input) + output, nnq_pad4(output) - output)) {
      return NNQ_ERROR_RESERVED;
    }
  }
  return NNQ_OK;
}
