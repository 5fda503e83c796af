/* SPDX-License-Identifier: Apache-2.0 */

#include "arranged.h"
#include "layer.h"

/* The data of a layer but its table. */
static uint32_t parts_bytes(const nnq_node *node) {
  uint32_t operation = nnq_node_operation(node);
  if (NNQ_HAS_ADD && operation == NNQ_OPERATION_ADD) return 16;
  if (NNQ_HAS_GATE && operation == NNQ_OPERATION_GATE) return 12;
#if NNQ_LAYOUT
  if (nnq_is_arranged(node->record)) return nnq_arranged_bytes(node);
#endif
  uint32_t outputs = nnq_node_outputs(node);
  uint32_t rest = 8 * outputs + nnq_pad4(outputs);
  if (NNQ_HAS_LAYER_NORM && operation == NNQ_OPERATION_LAYER_NORM) {
    return rest + nnq_pad4(outputs) + 8; /* the gain is one weight for each output */
  }
  uint32_t weights = outputs * nnq_row_bytes(node); /* below 2^32 */
  return rest + (weights > NNQ_MAX_IMAGE_BYTES ? NNQ_MAX_IMAGE_BYTES : nnq_pad4(weights));
}

uint32_t nnq_node_open(nnq_node *node, const uint8_t *record, const uint8_t *data,
                       uint32_t input_bits) {
  node->record = record;
  node->data = data;
  node->input_bits = input_bits;
  uint32_t bytes = parts_bytes(node);
  if (!NNQ_HAS_TABLES) return bytes;
  node->table_start = bytes;
  uint32_t kind = nnq_table_kind(node);
  if (kind == NNQ_TABLE8) bytes += NNQ_TABLE8_BYTES;
  if (kind == NNQ_TABLE16) bytes += nnq_pad4(NNQ_TABLE16_BYTES);
  return bytes;
}

#if NNQ_HAS_ADD

int nnq_is_kept(const uint8_t *record, uint32_t index, uint32_t layers) {
  uint32_t tensor = index + 1;
  while (++index < layers) {
    record += NNQ_RECORD_BYTES;
    if (record[0] == NNQ_OPERATION_ADD) return nnq_u16(record + 18) == tensor;
  }
  return 0;
}

#endif
