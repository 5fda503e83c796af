/* SPDX-License-Identifier: Apache-2.0 */

/* The definition of a dense layer: any faster kernel gives the same bits.
 *
 * y[o] = finish(bias[o] + sum w[o][i] * x[i]). The bound that nnq_load() checked for each row keeps
 * every partial sum within int32, in any order of summation. */

#include "finish.h"

static int32_t dot8(int32_t sum, const int8_t *weights, const int8_t *x, uint32_t count) {
  for (uint32_t i = 0; i < count; i++) {
    sum += weights[i] * x[i];
  }
  return sum;
}

static int32_t dot16(int32_t sum, const int8_t *weights, const int16_t *x, uint32_t count) {
  for (uint32_t i = 0; i < count; i++) {
    sum += (int32_t)weights[i] * x[i];
  }
  return sum;
}

/* Two weights a byte, the first in the low half. */
static int32_t dot4(int32_t sum, const uint8_t *weights, const void *x, uint32_t bits,
                    uint32_t count) {
  for (uint32_t i = 0; i < count; i++) {
    sum += nnq_weight4(weights, i) * nnq_code(x, bits, i);
  }
  return sum;
}

void nnq_dense_run(const nnq_node *node, const void *x, void *y) {
  nnq_rows rows = nnq_node_rows(node);
  uint32_t inputs = nnq_node_inputs(node);
  uint32_t outputs = nnq_node_outputs(node);
  for (uint32_t o = 0; o < outputs; o++) {
    int32_t sum = nnq_i32(rows.bias + 4 * o);
    if (nnq_has_4_bit_weights(node)) {
      sum = dot4(sum, rows.weights, x, node->input_bits, inputs);
    } else if (nnq_is_narrow(node->input_bits)) {
      sum = dot8(sum, (const int8_t *)rows.weights, x, inputs);
    } else {
      sum = dot16(sum, (const int8_t *)rows.weights, x, inputs);
    }
    nnq_finish(node, y, o, sum, rows.multiplier + 4 * o, rows.shift[o]);
    rows.weights += nnq_row_bytes(node);
  }
}
