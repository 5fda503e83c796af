/* SPDX-License-Identifier: Apache-2.0 */

/* What a network may hold: each record first, for the layout of the data follows from it. */

#include "layer.h"
#include "rules.h"
#include "sections.h"

enum { LAST_ACTIVATION = 9, LARGEST_ADD_GAIN = 16384 };

/* The network as far as it was checked. */
typedef struct walk {
  const uint8_t *section;
  uint32_t index;     /* of the layer that is checked */
  uint32_t inputs;    /* codes that it takes, and their bits */
  uint32_t bits;
  uint32_t after_add; /* the tensor that the last add hands on, or 0 */
} walk;

static const uint8_t *record_of(const walk *at, uint32_t layer) {
  return at->section + NNQ_NETWORK_HEAD_BYTES + NNQ_RECORD_BYTES * layer;
}

/* The table's bits are those of the requantized code, which a gate does not look up. */
static nnq_status check_codes(const uint8_t *record, uint32_t input_bits) {
  int is_gate = record[0] == NNQ_OPERATION_GATE;
  uint32_t bits = record[2];
  uint32_t kind = record[4];
  if (kind > NNQ_TABLE16) return NNQ_ERROR_TABLE;
  if (kind == NNQ_TABLE8 && (is_gate ? input_bits : bits) != 8) return NNQ_ERROR_TABLE;
  if (kind == NNQ_TABLE16 && is_gate && input_bits != 16) return NNQ_ERROR_TABLE;
  if (kind == NNQ_TABLE16 && !is_gate) bits = 16;

  int32_t low = nnq_i16(record + 14);
  int32_t high = nnq_i16(record + 16);
  if (!nnq_is_zero_point(nnq_i16(record + 12), bits)) return NNQ_ERROR_ZERO_POINT;
  if (low > high || !nnq_is_code(low, bits) || !nnq_is_code(high, bits)) return NNQ_ERROR_CLAMP;
  return NNQ_OK;
}

/* The source of an add must be one of the tensors before the one that it takes anyway, of the same
 * size, and not older than the last add: one tensor is kept at a time. */
static nnq_status check_source(walk *at, uint32_t source) {
  if (source >= at->index || source < at->after_add) return NNQ_ERROR_SOURCE;
  uint32_t size = source == 0 ? nnq_u16(at->section) : nnq_u16(record_of(at, source - 1) + 10);
  if (size != at->inputs) return NNQ_ERROR_SOURCE;
  at->after_add = at->index + 1;
  return NNQ_OK;
}

static nnq_status check_record(walk *at) {
  const uint8_t *record = record_of(at, at->index);
  uint32_t operation = record[0];
  uint32_t inputs = nnq_u16(record + 8);
  uint32_t outputs = nnq_u16(record + 10);
  if (operation < NNQ_OPERATION_DENSE || operation > NNQ_OPERATION_GATE) {
    return NNQ_ERROR_OPERATION;
  }
  int is_weight_width = operation == NNQ_OPERATION_DENSE ? record[1] == 8 || record[1] == 4
                                                         : record[1] == 0;
  if (!is_weight_width || !nnq_is_width(record[2])) return NNQ_ERROR_BITS;
  if (record[3] > LAST_ACTIVATION) return NNQ_ERROR_ACTIVATION;
  if (inputs != at->inputs || outputs == 0) return NNQ_ERROR_DIMENSION;
  nnq_status status = check_codes(record, at->bits);
  if (status != NNQ_OK) return status;
  if (!nnq_is_zero(record + 5, 3) || !nnq_is_zero(record + 20, 4)) return NNQ_ERROR_RESERVED;
  uint32_t source = nnq_u16(record + 18);
  if (operation != NNQ_OPERATION_ADD && source != 0) return NNQ_ERROR_RESERVED;
  switch (operation) {
    case NNQ_OPERATION_LAYER_NORM:
      return outputs == inputs && inputs > 1 ? NNQ_OK : NNQ_ERROR_DIMENSION;
    case NNQ_OPERATION_ADD:
      return outputs == inputs ? check_source(at, source) : NNQ_ERROR_DIMENSION;
    case NNQ_OPERATION_GATE:
      return 2 * outputs == inputs ? NNQ_OK : NNQ_ERROR_DIMENSION;
    default: return NNQ_OK;
  }
}

/* Adds the size of a weight to the sum of a row; 0 for a weight that may not be. */
static int add_weight(const nnq_node *node, const uint8_t *row, uint32_t i, int32_t *sum) {
  int32_t weight = node->weight_bits == 4 ? nnq_weight4(row, i) : (int8_t)row[i];
  if (weight == (node->weight_bits == 4 ? -8 : INT8_MIN)) return 0;
  *sum += weight < 0 ? -weight : weight;
  return 1;
}

/* Checks a row of weights: |bias| + sum |weight| * M < 2^31, with M = 2^7 or 2^15, in whole
 * numbers. */
static nnq_status check_row(const nnq_node *node, const uint8_t *row, int32_t bias) {
  int32_t magnitude = 0; /* at most 65,535 * 127 */
  for (uint32_t i = 0; i < node->inputs; i++) {
    if (!add_weight(node, row, i, &magnitude)) return NNQ_ERROR_WEIGHT;
  }
  int is_half_used = node->weight_bits == 4 && (node->inputs & 1);
  if (is_half_used && row[node->inputs / 2] >> 4 != 0) return NNQ_ERROR_RESERVED;
  int32_t room = INT32_MAX - (bias < 0 ? -bias : bias);
  return magnitude > room >> (node->input_bits - 1) ? NNQ_ERROR_ACCUMULATOR : NNQ_OK;
}

/* The layers with factors for each output: dense and layer norm. */
static nnq_status check_rows(const nnq_node *node) {
  nnq_rows rows = nnq_node_rows(node);
  int is_norm = node->operation == NNQ_OPERATION_LAYER_NORM;
  uint32_t row_bytes = is_norm ? 1 : nnq_row_bytes(node);
  const uint8_t *row = rows.weights;
  for (uint32_t o = 0; o < node->outputs; o++, row += row_bytes) {
    int32_t bias = nnq_i32(rows.bias + 4 * o);
    if (!nnq_is_within(bias, -NNQ_LARGEST_BIAS, NNQ_LARGEST_BIAS)) return NNQ_ERROR_BIAS;
    nnq_status status = nnq_check_factor(rows.multiplier + 4 * o, rows.shift[o]);
    if (status == NNQ_OK && !is_norm) status = check_row(node, row, bias);
    if (status == NNQ_OK && is_norm && (int8_t)*row == INT8_MIN) status = NNQ_ERROR_GAIN;
    if (status != NNQ_OK) return status;
  }
  uint32_t weights = row_bytes * node->outputs;
  if (!nnq_is_zero(rows.shift + node->outputs, nnq_pad4(node->outputs) - node->outputs) ||
      !nnq_is_zero(row, nnq_pad4(weights) - weights)) {
    return NNQ_ERROR_RESERVED;
  }
  if (!is_norm) return NNQ_OK;
  uint32_t epsilon = nnq_u32(rows.weights + nnq_pad4(weights));
  uint32_t epsilon_high = nnq_u32(rows.weights + nnq_pad4(weights) + 4);
  return (epsilon | epsilon_high) != 0 && epsilon_high >> 30 == 0 ? NNQ_OK : NNQ_ERROR_EPSILON;
}

static nnq_status check_add(const uint8_t *data) {
  int32_t bias = nnq_i32(data);
  if (!nnq_is_within(bias, 1 - NNQ_LARGEST_BIAS, NNQ_LARGEST_BIAS - 1)) return NNQ_ERROR_BIAS;
  nnq_status status = nnq_check_factor(data + 4, data[8]);
  if (status != NNQ_OK) return status;
  if (!nnq_is_zero(data + 9, 3)) return NNQ_ERROR_RESERVED;
  if (!nnq_is_within(nnq_i16(data + 12), -LARGEST_ADD_GAIN, LARGEST_ADD_GAIN) ||
      !nnq_is_within(nnq_i16(data + 14), -LARGEST_ADD_GAIN, LARGEST_ADD_GAIN)) {
    return NNQ_ERROR_GAIN;
  }
  return NNQ_OK;
}

static nnq_status check_gate(const uint8_t *data, uint32_t input_bits) {
  nnq_status status = nnq_check_factor(data, data[4]);
  if (status != NNQ_OK) return status;
  if (!nnq_is_zero(data + 5, 3)) return NNQ_ERROR_RESERVED;
  if (!nnq_is_zero_point(nnq_i16(data + 8), input_bits) ||
      !nnq_is_zero_point(nnq_i16(data + 10), input_bits)) {
    return NNQ_ERROR_ZERO_POINT;
  }
  return NNQ_OK;
}

static nnq_status check_data(const nnq_node *node) {
  nnq_status status = NNQ_OK;
  switch (node->operation) {
    case NNQ_OPERATION_ADD: status = check_add(node->data); break;
    case NNQ_OPERATION_GATE: status = check_gate(node->data, node->input_bits); break;
    default: status = check_rows(node); break;
  }
  if (status == NNQ_OK && node->table_kind == NNQ_TABLE16 &&
      !nnq_is_zero(node->table + NNQ_TABLE16_BYTES, 2)) {
    status = NNQ_ERROR_RESERVED;
  }
  return status;
}

/* The largest kept tensor, and beside it the two largest neighbours of the others. */
static void plan_arena(nnq_model *model) {
  const uint8_t *record = model->network + NNQ_NETWORK_HEAD_BYTES;
  uint32_t before = 0, both = 0;
  model->kept_bytes = 0;
  for (uint32_t index = 0; index + 1 < model->layer_count; index++) {
    uint32_t bytes = nnq_pad4(nnq_u16(record + 10) * (record[2] / 8u));
    if (nnq_is_kept(record, index, model->layer_count)) {
      if (bytes > model->kept_bytes) model->kept_bytes = bytes;
      bytes = 0;
    }
    if (before + bytes > both) both = before + bytes;
    before = bytes;
    record += NNQ_RECORD_BYTES;
  }
  model->arena_bytes = model->kept_bytes + both;
}

nnq_status nnq_check_network(nnq_model *model, nnq_section section) {
  if (!section.bytes) return NNQ_ERROR_SECTION_MISSING;
  if (section.length < NNQ_NETWORK_HEAD_BYTES) return NNQ_ERROR_LENGTH;
  walk at = {section.bytes, 0, nnq_u16(section.bytes), section.bytes[4], 0};
  uint32_t layers = nnq_u16(section.bytes + 2);
  if (at.inputs == 0 || layers == 0 || layers > NNQ_MAX_LAYERS) return NNQ_ERROR_DIMENSION;
  if (!nnq_is_width(at.bits)) return NNQ_ERROR_BITS;
  if (!nnq_is_zero(section.bytes + 5, 3)) return NNQ_ERROR_RESERVED;
  model->network = section.bytes;
  model->input_count = (uint16_t)at.inputs;
  model->input_bits = (uint8_t)at.bits;
  model->layer_count = (uint8_t)layers;

  uint32_t left = section.length - NNQ_NETWORK_HEAD_BYTES;
  if (NNQ_RECORD_BYTES * layers > left) return NNQ_ERROR_LENGTH;
  left -= NNQ_RECORD_BYTES * layers;
  const uint8_t *data = record_of(&at, layers);
  for (; at.index < layers; at.index++) {
    nnq_status status = check_record(&at);
    if (status != NNQ_OK) return status;
    nnq_node node;
    uint64_t bytes = nnq_node_open(&node, record_of(&at, at.index), data, at.bits);
    if (bytes > left) return NNQ_ERROR_LENGTH;
    status = check_data(&node);
    if (status != NNQ_OK) return status;

    at.inputs = node.outputs;
    at.bits = node.output_bits;
    data += bytes;
    left -= (uint32_t)bytes;
  }
  model->output_count = (uint16_t)at.inputs;
  model->output_bits = (uint8_t)at.bits;
  plan_arena(model);
  return left == 0 ? NNQ_OK : NNQ_ERROR_LENGTH;
}
