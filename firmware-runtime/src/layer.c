/* SPDX-License-Identifier: Apache-2.0 */

#include "layer.h"

#include "nnq.h"

uint64_t nnq_node_open(nnq_node *node, const uint8_t *record, const uint8_t *data,
                       uint32_t input_bits) {
  node->data = data;
  node->operation = record[0];
  node->weight_bits = record[1];
  node->output_bits = record[2];
  node->table_kind = record[4];
  node->inputs = nnq_u16(record + 8);
  node->outputs = nnq_u16(record + 10);
  node->zero_point = nnq_i16(record + 12);
  node->low = nnq_i16(record + 14);
  node->high = nnq_i16(record + 16);
  node->input_bits = input_bits;

  uint64_t bytes;
  if (node->operation == NNQ_OPERATION_ADD) {
    bytes = 16;
  } else if (node->operation == NNQ_OPERATION_GATE) {
    bytes = 12;
  } else {
    int is_norm = node->operation == NNQ_OPERATION_LAYER_NORM;
    /* The gain is one weight for each output. Products are below 2^32 - 3 and can be padded. */
    uint32_t weights = is_norm ? node->outputs : node->outputs * nnq_row_bytes(node);
    bytes = (uint64_t)nnq_pad4(weights) + 8 * node->outputs + nnq_pad4(node->outputs);
    if (is_norm) bytes += 8;
  }
  node->table = data;
  if (bytes <= NNQ_MAX_IMAGE_BYTES) node->table += bytes;
  if (node->table_kind == NNQ_TABLE8) bytes += NNQ_TABLE8_BYTES;
  if (node->table_kind == NNQ_TABLE16) bytes += nnq_pad4(NNQ_TABLE16_BYTES);
  return bytes;
}

int nnq_is_kept(const uint8_t *record, uint32_t index, uint32_t layers) {
  uint32_t tensor = index + 1;
  while (++index < layers) {
    record += NNQ_RECORD_BYTES;
    if (record[0] == NNQ_OPERATION_ADD) return nnq_u16(record + 18) == tensor;
  }
  return 0;
}

void nnq_node_run(const nnq_node *node, const void *x, const nnq_kept *kept, void *y) {
  switch (node->operation) {
    case NNQ_OPERATION_LAYER_NORM: nnq_layer_norm_run(node, x, y); break;
    case NNQ_OPERATION_ADD: nnq_add_run(node, x, kept, y); break;
    case NNQ_OPERATION_GATE: nnq_gate_run(node, x, y); break;
    default: nnq_dense_run(node, x, y); break;
  }
}
