/* SPDX-License-Identifier: Apache-2.0 */

/* What an arranged layer may hold. */

#include "arranged.h"

#include "rules.h"

#if NNQ_LAYOUT

#if NNQ_LAYOUT == 1

static int32_t weight(const uint8_t *weights, uint32_t row, uint32_t column) {
  const uint8_t *pair = weights + 16 * (column / 4) + 8 * (row / 2);
  int32_t both = nnq_i16(pair + 4 * (column & 1) + (column & 2));
  int32_t even = (int8_t)both;
  return row & 1 ? (both - even) / 256 : even;
}

static const uint8_t *bias_of(const uint8_t *group, const uint8_t *rest, uint32_t row) {
  return (row & 1 ? rest - 8 : group) + 4 * (row / 2);
}

static uint32_t shift_of(uint8_t stored) { return stored + 33u; }

/* A sum of an odd row is told from the even one beside it below 2^23. */
static int is_too_full(int32_t magnitude, uint32_t row) { return (row & 1) && magnitude > 65535; }

#else

static int32_t weight(const uint8_t *weights, uint32_t row, uint32_t column) {
  return (int8_t)weights[64 * (column / 16) + 16 * row + column % 16];
}

static const uint8_t *bias_of(const uint8_t *group, const uint8_t *rest, uint32_t row) {
  (void)rest;
  return group + 4 * row;
}

static uint32_t shift_of(uint8_t stored) { return 32u - (uint32_t)(int8_t)stored; }

static int is_too_full(int32_t magnitude, uint32_t row) {
  (void)magnitude, (void)row;
  return 0;
}

#endif

static nnq_status check_arranged_row(const nnq_node *node, const uint8_t *group, uint32_t row) {
  const uint32_t inputs = nnq_node_inputs(node);
  const uint8_t *rest = group + nnq_group_bytes(node) - 20;
  int32_t bias = nnq_i32(bias_of(group, rest, row));
  if (!nnq_is_within(bias, -NNQ_LARGEST_BIAS, NNQ_LARGEST_BIAS)) return NNQ_ERROR_BIAS;
  uint32_t shift = shift_of(rest[16 + row]);
  nnq_status status = nnq_check_factor(rest + 4 * row, shift);
  if (status != NNQ_OK) return status;
  if (shift < 33) return NNQ_ERROR_SHIFT;

  /* At most 65,535 * 127: times 128 and with the largest bias it stays below 2^31. */
  int32_t magnitude = 0;
  for (uint32_t column = 0; column < nnq_arranged_columns(inputs); column++) {
    int32_t w = weight(group + NNQ_GROUP_HEAD_BYTES, row, column);
    if (column >= inputs && w != 0) return NNQ_ERROR_RESERVED;
    if (w == INT8_MIN) return NNQ_ERROR_WEIGHT;
    magnitude += w < 0 ? -w : w;
  }
  return is_too_full(magnitude, row) ? NNQ_ERROR_ACCUMULATOR : NNQ_OK;
}

nnq_status nnq_check_arranged(const nnq_node *node) {
  const uint8_t *group = node->data;
  for (uint32_t g = 0; g < nnq_groups(node); g++) {
    for (uint32_t row = 0; row < NNQ_GROUP_ROWS; row++) {
      nnq_status status = check_arranged_row(node, group, row);
      if (status != NNQ_OK) return status;
    }
    group += nnq_group_bytes(node);
  }
  return NNQ_OK;
}

#else
typedef int nnq_no_arranged;
#endif
