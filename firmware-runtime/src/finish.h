/* SPDX-License-Identifier: Apache-2.0 */

/* How a sum becomes the code that a layer hands on. */

#ifndef NNQ_FINISH_H
#define NNQ_FINISH_H

#include "layer.h"
#include "requantize.h"

/* The value between two entries of a 16-bit table, rounded to nearest. */
static inline int32_t nnq_table16(const uint8_t *table, int32_t code) {
  uint32_t place = (uint32_t)(code - INT16_MIN);
  const uint8_t *entry = table + (place >> 7) * 2;
  int32_t from = nnq_i16(entry);
  int32_t step = nnq_i16(entry + 2) - from;
  return from + ((step * (int32_t)(place & 127) + 64) >> 7);
}

/* The requantized code, clamped. */
static inline int32_t nnq_requantized_code(const nnq_node *node, int32_t sum,
                                           const uint8_t *multiplier, uint32_t shift) {
  return nnq_scaled_code(nnq_product(sum, nnq_i32(multiplier)), shift, nnq_node_zero_point(node),
                         nnq_node_low(node), nnq_node_high(node));
}

/* Stores output o: the requantized code, then the table where there is one. The entries of a 16-bit
 * table have 8 fraction bits before 8-bit codes. */
static inline void nnq_finish(const nnq_node *node, void *y, uint32_t o, int32_t sum,
                              const uint8_t *multiplier, uint32_t shift) {
  int32_t code = nnq_requantized_code(node, sum, multiplier, shift);
  uint32_t kind = nnq_table_kind(node);
  if (kind == NNQ_TABLE8) {
    code = (int8_t)nnq_table(node)[code - INT8_MIN];
  } else if (NNQ_HAS_INT16 && kind == NNQ_TABLE16) {
    code = nnq_table16(nnq_table(node), code);
    if (nnq_node_output_bits(node) == 8) {
      code = nnq_at_most((code + 128) >> 8, INT8_MAX);
    }
  }
  nnq_set_code(y, nnq_node_output_bits(node), o, code);
}

#endif
