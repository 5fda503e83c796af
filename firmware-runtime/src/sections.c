/* SPDX-License-Identifier: Apache-2.0 */

/* What outputs, counts, score and selftest may hold; network.c does the same for the network. */

#include "sections.h"

#include "rules.h"

enum {
  OUTPUTS_HEAD_BYTES = 24,
  OUTPUT_BYTES = 16,
  COUNT_BYTES = 20,
  SCORE_BYTES = 12,
  SELFTEST_HEAD_BYTES = 8,
  LARGEST_EXPONENT = 1000
};

/* ---- outputs ---- */

static nnq_status check_task(const nnq_model *model, const uint8_t *head) {
  uint32_t task = head[0];
  uint32_t outputs = model->output_count;
  if (task < NNQ_TASK_BINARY || task > NNQ_TASK_ANOMALY) return NNQ_ERROR_TASK;
  if (!NNQ_HAS_SCORE && task == NNQ_TASK_ANOMALY) return NNQ_ERROR_LEFT_OUT;
  if (task == NNQ_TASK_BINARY && outputs != 1) return NNQ_ERROR_TASK;
  if (task == NNQ_TASK_MULTICLASS && outputs < 2) return NNQ_ERROR_TASK;
  if (task == NNQ_TASK_ANOMALY && outputs != model->input_count) return NNQ_ERROR_TASK;

  if (head[1] > 1 || (head[1] == 1 && task > NNQ_TASK_MULTILABEL)) return NNQ_ERROR_PROBABILITY;
  if (head[1] == 1) {
    nnq_status status = nnq_check_factor(head + 4, head[8]);
    if (status != NNQ_OK) return status;
  } else if ((nnq_u32(head + 4) | head[8]) != 0) {
    return NNQ_ERROR_PROBABILITY;
  }
  if ((nnq_u32(head + 8) >> 8 | nnq_u32(head + 12)) != 0) return NNQ_ERROR_RESERVED;
  int64_t threshold = nnq_i64(head + 16);
  return threshold < 0 || (task != NNQ_TASK_ANOMALY && threshold != 0) ? NNQ_ERROR_THRESHOLD
                                                                        : NNQ_OK;
}

static nnq_status check_output(const nnq_model *model, const uint8_t *output) {
  int32_t exponent = nnq_i16(output + 8);
  if (model->task != NNQ_TASK_REGRESSION && !nnq_is_code(nnq_i32(output), model->output_bits)) {
    return NNQ_ERROR_ORIGIN;
  }
  if (nnq_i32(output + 4) < NNQ_LEAST_MULTIPLIER) return NNQ_ERROR_MULTIPLIER;
  if (!nnq_is_within(exponent, -LARGEST_EXPONENT, LARGEST_EXPONENT)) return NNQ_ERROR_EXPONENT;
  if (nnq_u16(output + 10) != 0) return NNQ_ERROR_RESERVED;
  if (model->task != NNQ_TASK_BINARY && model->task != NNQ_TASK_MULTILABEL &&
      nnq_i32(output + 12) != 0) {
    return NNQ_ERROR_THRESHOLD;
  }
  return NNQ_OK;
}

nnq_status nnq_check_outputs(nnq_model *model, const uint8_t *bytes, uint32_t length) {
  if (length != OUTPUTS_HEAD_BYTES + OUTPUT_BYTES * (uint32_t)model->output_count) {
    return NNQ_ERROR_LENGTH;
  }
  if (nnq_u16(bytes + 2) != model->output_count) return NNQ_ERROR_DIMENSION;
  nnq_status status = check_task(model, bytes);
  model->outputs = bytes;
  model->task = bytes[0];
  for (uint32_t o = 0; o < model->output_count && status == NNQ_OK; o++) {
    status = check_output(model, bytes + OUTPUTS_HEAD_BYTES + OUTPUT_BYTES * o);
  }
  return status;
}

/* ---- counts, score, selftest ---- */

nnq_status nnq_check_counts(nnq_model *model, const uint8_t *bytes, uint32_t length) {
  model->counts = bytes;
  if (length != COUNT_BYTES * (uint32_t)model->input_count) return NNQ_ERROR_LENGTH;
  for (const uint8_t *p = bytes; p < bytes + length; p += COUNT_BYTES) {
    int64_t low = nnq_i32(p);
    int64_t high = nnq_i32(p + 4);
    int64_t offset = nnq_i32(p + 8);
    if (low > high || offset - low > INT32_MAX || high - offset > INT32_MAX) {
      return NNQ_ERROR_COUNTS;
    }
    nnq_status status = nnq_check_factor(p + 12, p[16]);
    if (status != NNQ_OK) return status;
    if (p[17] != 0) return NNQ_ERROR_RESERVED;
    if (!nnq_is_zero_point(nnq_i16(p + 18), model->input_bits)) return NNQ_ERROR_ZERO_POINT;
  }
  return NNQ_OK;
}

nnq_status nnq_check_score(nnq_model *model, const uint8_t *bytes, uint32_t length) {
  model->score = bytes;
  if (model->task != NNQ_TASK_ANOMALY) return NNQ_ERROR_SECTION_EXTRA;
  if (length != SCORE_BYTES * (uint32_t)model->input_count) return NNQ_ERROR_LENGTH;
  for (const uint8_t *p = bytes; p < bytes + length; p += SCORE_BYTES) {
    if (!nnq_is_within(nnq_i32(p), -NNQ_LARGEST_BIAS, NNQ_LARGEST_BIAS)) return NNQ_ERROR_ORIGIN;
    nnq_status status = nnq_check_factor(p + 4, p[8]);
    if (status != NNQ_OK) return status;
    if (nnq_u32(p + 8) >> 8 != 0) return NNQ_ERROR_RESERVED;
  }
  return NNQ_OK;
}

nnq_status nnq_check_selftest(nnq_model *model, const uint8_t *bytes, uint32_t length) {
  model->selftest = bytes;
  if (length < SELFTEST_HEAD_BYTES) return NNQ_ERROR_LENGTH;
  uint32_t vectors = nnq_u16(bytes);
  if (vectors == 0 || vectors > NNQ_MAX_SELFTEST_VECTORS) return NNQ_ERROR_SELFTEST;
  if ((nnq_u16(bytes + 2) | nnq_u32(bytes + 4)) != 0) return NNQ_ERROR_RESERVED;

  uint32_t input = nnq_code_bytes(model->input_count, model->input_bits);
  uint32_t output = nnq_code_bytes(model->output_count, model->output_bits);
  uint32_t vector_bytes = nnq_pad4(input) + nnq_pad4(output) + 4u * model->layer_count;
  if (length != SELFTEST_HEAD_BYTES + vectors * vector_bytes) return NNQ_ERROR_LENGTH;
  const uint8_t *vector = bytes + SELFTEST_HEAD_BYTES;
  for (; vectors > 0; vectors--, vector += vector_bytes) {
    if (!nnq_is_padded(vector + input, input) ||
        !nnq_is_padded(vector + nnq_pad4(input) + output, output)) {
      return NNQ_ERROR_RESERVED;
    }
  }
  return NNQ_OK;
}
