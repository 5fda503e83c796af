/* SPDX-License-Identifier: Apache-2.0 */

/* The first half of the input, through the table where there is one, times the second half. */

#include "finish.h"

#if NNQ_HAS_GATE

void nnq_gate_run(const nnq_node *node, const void *x, void *y) {
  const uint8_t *data = node->data;
  uint32_t bits = node->input_bits;
  int32_t zero = nnq_i16(data + 8);
  int32_t second_zero = nnq_i16(data + 10);
  uint32_t kind = nnq_table_kind(node);
  uint32_t outputs = nnq_node_outputs(node);
  for (uint32_t o = 0; o < outputs; o++) {
    int32_t first = nnq_code(x, bits, o);
    int32_t second = nnq_code(x, bits, outputs + o);
    if (kind == NNQ_TABLE8) first = (int8_t)nnq_table(node)[first - INT8_MIN];
    if (NNQ_HAS_INT16 && kind == NNQ_TABLE16) first = nnq_table16(nnq_table(node), first);
    /* Zero points of 16-bit codes are 0, so that the product is at most 2^30. */
    int32_t product = (first - zero) * (second - second_zero);
    int32_t code = nnq_requantized_code(node, product, data, data[4]);
    nnq_set_code(y, nnq_node_output_bits(node), o, code);
  }
}

#else
typedef int nnq_no_gate;
#endif
