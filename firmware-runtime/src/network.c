/* SPDX-License-Identifier: Apache-2.0 */

/* What a network may hold: each record first, for the layout of the data follows from it. */

#include "arranged.h"
#include "layer.h"
#include "rules.h"
#include "sections.h"

/* Of the image's header, seen from the network, which is the first section. */
enum { LAYOUT_FLAGS = 6 - 24 };

enum { LAST_ACTIVATION = 9, LARGEST_ADD_GAIN = 16384 };

/* The network as far as it was checked. */
typedef struct walk {
  const uint8_t *section;
  uint32_t index;     /* of the layer that is checked */
  uint32_t inputs;    /* codes that it takes, and their bits */
  uint32_t bits;
  uint32_t after_add; /* the tensor that the last add hands on, or 0 */
  uint32_t layout;    /* of the image, or 0 */
  uint32_t before;    /* bytes of what it takes, or 0 where the arena's ends are free */
} walk;

static const uint8_t *record_of(const walk *at, uint32_t layer) {
  return at->section + NNQ_NETWORK_HEAD_BYTES + NNQ_RECORD_BYTES * layer;
}

/* Which of the parts that a record names this build holds. */
static int is_left_out(const uint8_t *record) {
  switch (record[0]) {
    case NNQ_OPERATION_LAYER_NORM:
      if (!NNQ_HAS_LAYER_NORM) return 1;
      break;
    case NNQ_OPERATION_ADD:
      if (!NNQ_HAS_ADD) return 1;
      break;
    case NNQ_OPERATION_GATE:
      if (!NNQ_HAS_GATE) return 1;
      break;
    default: break;
  }
  if (!NNQ_HAS_PLAIN && record[0] == NNQ_OPERATION_DENSE && record[5] == 0) return 1;
  return (!NNQ_HAS_INT4 && record[1] == 4) || 
         (!NNQ_HAS_INT16 && (record[2] == 16 || record[4] == NNQ_TABLE16)) ||
         (!NNQ_HAS_TABLES && record[4] != NNQ_NO_TABLE);
}

/* The table's bits are those of the requantized code, which a gate does not look up. */
static nnq_status check_codes(const uint8_t *record, uint32_t input_bits) {
  uint32_t bits = record[2];
  if (NNQ_HAS_TABLES) {
    int is_gate = record[0] == NNQ_OPERATION_GATE;
    uint32_t kind = record[4];
    if (kind == NNQ_TABLE8 && (is_gate ? input_bits : bits) != 8) return NNQ_ERROR_TABLE;
    if (NNQ_HAS_INT16 && kind == NNQ_TABLE16) {
      if (is_gate && input_bits != 16) return NNQ_ERROR_TABLE;
      if (!is_gate) bits = 16;
    }
  }
  int32_t low = nnq_i16(record + 14);
  int32_t high = nnq_i16(record + 16);
  if (!nnq_is_zero_point(nnq_i16(record + 12), bits)) return NNQ_ERROR_ZERO_POINT;
  if (low > high || low < nnq_lowest_code(bits) || high > nnq_highest_code(bits)) {
    return NNQ_ERROR_CLAMP;
  }
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
  if (record[4] > NNQ_TABLE16) return NNQ_ERROR_TABLE;
  if (is_left_out(record)) return NNQ_ERROR_LEFT_OUT;
  if (inputs != at->inputs || outputs == 0) return NNQ_ERROR_DIMENSION;
  nnq_status status = check_codes(record, at->bits);
  if (status != NNQ_OK) return status;
  uint32_t reserved = nnq_u32(record + 4) >> 8;
  if (at->layout != 0 && reserved == 1) {
    int is_narrow = at->bits == 8 && record[1] == 8 && record[2] == 8;
    if (!is_narrow || record[4] != NNQ_NO_TABLE) return NNQ_ERROR_LAYOUT;
    reserved = 0;
  }
  if (reserved != 0 || nnq_u32(record + 20) != 0) return NNQ_ERROR_RESERVED;
  uint32_t source = nnq_u16(record + 18);
  if (operation != NNQ_OPERATION_ADD && source != 0) return NNQ_ERROR_RESERVED;
  if (NNQ_HAS_LAYER_NORM && operation == NNQ_OPERATION_LAYER_NORM) {
    return outputs == inputs && inputs > 1 ? NNQ_OK : NNQ_ERROR_DIMENSION;
  }
  if (NNQ_HAS_ADD && operation == NNQ_OPERATION_ADD) {
    return outputs == inputs ? check_source(at, source) : NNQ_ERROR_DIMENSION;
  }
  if (NNQ_HAS_GATE && operation == NNQ_OPERATION_GATE) {
    return 2 * outputs == inputs ? NNQ_OK : NNQ_ERROR_DIMENSION;
  }
  return NNQ_OK;
}

/* Checks a row of weights: |bias| + sum |weight| * M < 2^31, with M = 2^7 or 2^15, in whole
 * numbers. */
static nnq_status check_row(const nnq_node *node, const uint8_t *row, int32_t bias) {
  uint32_t inputs = nnq_node_inputs(node);
  int is_narrow = nnq_has_4_bit_weights(node);
  int32_t forbidden = is_narrow ? -8 : INT8_MIN;
  int32_t magnitude = 0; /* at most 65,535 * 127 */
  for (uint32_t i = 0; i < inputs; i++) {
    int32_t weight = is_narrow ? nnq_weight4(row, i) : (int8_t)row[i];
    if (weight == forbidden) return NNQ_ERROR_WEIGHT;
    magnitude += weight < 0 ? -weight : weight;
  }
  if (is_narrow && (inputs & 1) && row[inputs / 2] >> 4 != 0) return NNQ_ERROR_RESERVED;
  int32_t room = INT32_MAX - (bias < 0 ? -bias : bias);
  room >>= nnq_is_narrow(node->input_bits) ? 7 : 15;
  return magnitude > room ? NNQ_ERROR_ACCUMULATOR : NNQ_OK;
}

/* The layers with factors for each output: dense and layer norm. */
NNQ_OWN_FRAME static nnq_status check_rows(const nnq_node *node) {
  nnq_rows rows = nnq_node_rows(node);
  uint32_t outputs = nnq_node_outputs(node);
  int is_norm = NNQ_HAS_LAYER_NORM && nnq_node_operation(node) == NNQ_OPERATION_LAYER_NORM;
  uint32_t row_bytes = is_norm ? 1 : nnq_row_bytes(node);
  const uint8_t *row = rows.weights;
  for (uint32_t o = 0; o < outputs; o++, row += row_bytes) {
    int32_t bias = nnq_i32(rows.bias + 4 * o);
    if (!nnq_is_within(bias, -NNQ_LARGEST_BIAS, NNQ_LARGEST_BIAS)) return NNQ_ERROR_BIAS;
    nnq_status status = nnq_check_factor(rows.multiplier + 4 * o, rows.shift[o]);
    if (status != NNQ_OK) return status;
    if (is_norm) {
      status = (int8_t)*row == INT8_MIN ? NNQ_ERROR_GAIN : NNQ_OK;
    } else {
      status = check_row(node, row, bias);
    }
    if (status != NNQ_OK) return status;
  }
  if (!nnq_is_padded(rows.shift + outputs, outputs)) return NNQ_ERROR_RESERVED;
  if (!nnq_is_padded(row, row_bytes * outputs)) return NNQ_ERROR_RESERVED;
  if (!is_norm) return NNQ_OK;
  const uint8_t *epsilon = row + (nnq_pad4(outputs) - outputs); /* behind the padding of the gains */
  uint32_t high = nnq_u32(epsilon + 4);
  return (nnq_u32(epsilon) | high) != 0 && high >> 30 == 0 ? NNQ_OK : NNQ_ERROR_EPSILON;
}

static nnq_status check_add(const uint8_t *data) {
  int32_t bias = nnq_i32(data);
  if (!nnq_is_within(bias, 1 - NNQ_LARGEST_BIAS, NNQ_LARGEST_BIAS - 1)) return NNQ_ERROR_BIAS;
  nnq_status status = nnq_check_factor(data + 4, data[8]);
  if (status != NNQ_OK) return status;
  if (nnq_u32(data + 8) >> 8 != 0) return NNQ_ERROR_RESERVED;
  if (!nnq_is_within(nnq_i16(data + 12), -LARGEST_ADD_GAIN, LARGEST_ADD_GAIN) ||
      !nnq_is_within(nnq_i16(data + 14), -LARGEST_ADD_GAIN, LARGEST_ADD_GAIN)) {
    return NNQ_ERROR_GAIN;
  }
  return NNQ_OK;
}

static nnq_status check_gate(const uint8_t *data, uint32_t input_bits) {
  nnq_status status = nnq_check_factor(data, data[4]);
  if (status != NNQ_OK) return status;
  if (nnq_u32(data + 4) >> 8 != 0) return NNQ_ERROR_RESERVED;
  if (!nnq_is_zero_point(nnq_i16(data + 8), input_bits) ||
      !nnq_is_zero_point(nnq_i16(data + 10), input_bits)) {
    return NNQ_ERROR_ZERO_POINT;
  }
  return NNQ_OK;
}

static nnq_status check_data(const nnq_node *node) {
  uint32_t operation = nnq_node_operation(node);
  nnq_status status;
  if (NNQ_HAS_ADD && operation == NNQ_OPERATION_ADD) {
    status = check_add(node->data);
  } else if (NNQ_HAS_GATE && operation == NNQ_OPERATION_GATE) {
    status = check_gate(node->data, node->input_bits);
#if NNQ_LAYOUT
  } else if (nnq_is_arranged(node->record)) {
    status = nnq_check_arranged(node);
#endif
  } else {
    status = check_rows(node);
  }
  if (status == NNQ_OK && NNQ_HAS_INT16 && nnq_table_kind(node) == NNQ_TABLE16 &&
      !nnq_is_zero(nnq_table(node) + NNQ_TABLE16_BYTES, 2)) {
    status = NNQ_ERROR_RESERVED;
  }
  return status;
}

/* Makes room for what a hidden layer hands on: the arena holds the largest kept tensor, and beside
 * it the two largest neighbours of the others. */
static void plan_tensor(walk *at, nnq_model *model, uint32_t bytes) {
  if (nnq_is_kept(record_of(at, at->index), at->index, model->layer_count)) {
    if (bytes > model->kept_bytes) model->kept_bytes = bytes;
    bytes = 0;
  }
  if (at->before + bytes > model->arena_bytes) model->arena_bytes = at->before + bytes;
  at->before = bytes;
}

nnq_status nnq_check_network(nnq_model *model, const uint8_t *bytes, uint32_t length) {
  if (length < NNQ_NETWORK_HEAD_BYTES) return NNQ_ERROR_LENGTH;
  walk at = {bytes, 0, nnq_u16(bytes), bytes[4], 0, 0, 0};
  uint32_t layers = nnq_u16(bytes + 2);
  if (at.inputs == 0 || layers == 0 || layers > NNQ_MAX_LAYERS) return NNQ_ERROR_DIMENSION;
  if (!nnq_is_width(at.bits)) return NNQ_ERROR_BITS;
  if (!NNQ_HAS_INT16 && at.bits == 16) return NNQ_ERROR_LEFT_OUT;
  if (nnq_u32(bytes + 4) >> 8 != 0) return NNQ_ERROR_RESERVED;
  model->network = bytes;
  model->input_count = (uint16_t)at.inputs;
  model->input_bits = (uint8_t)at.bits;
  model->layer_count = (uint8_t)layers;
  model->arena_bytes = model->kept_bytes = 0;
#if NNQ_LAYOUT
  at.layout = bytes[LAYOUT_FLAGS];
#endif

  uint32_t wide_bytes = 0; /* for the widest input of an arranged layer */
  uint32_t left = length - NNQ_NETWORK_HEAD_BYTES;
  if (NNQ_RECORD_BYTES * layers > left) return NNQ_ERROR_LENGTH;
  left -= NNQ_RECORD_BYTES * layers;
  const uint8_t *data = record_of(&at, layers);
  for (; at.index < layers; at.index++) {
    nnq_status status = check_record(&at);
    if (status != NNQ_OK) return status;
    nnq_node node;
    uint32_t data_bytes = nnq_node_open(&node, record_of(&at, at.index), data, at.bits);
    if (data_bytes > left) return NNQ_ERROR_LENGTH;
    status = check_data(&node);
    if (status != NNQ_OK) return status;
#if NNQ_LAYOUT == 1
    if (nnq_is_arranged(node.record)) {
      uint32_t wide = 2 * nnq_arranged_columns(nnq_node_inputs(&node));
      if (wide > wide_bytes) wide_bytes = wide;
    }
#endif

    at.inputs = nnq_node_outputs(&node);
    at.bits = nnq_node_output_bits(&node);
    if (at.index + 1 < layers) {
      plan_tensor(&at, model, nnq_pad4(nnq_code_bytes(at.inputs, at.bits)));
    }
    data += data_bytes;
    left -= data_bytes;
  }
  model->output_count = (uint16_t)at.inputs;
  model->output_bits = (uint8_t)at.bits;
  model->kept_bytes += wide_bytes;
  model->arena_bytes += model->kept_bytes;
  return left == 0 ? NNQ_OK : NNQ_ERROR_LENGTH;
}
