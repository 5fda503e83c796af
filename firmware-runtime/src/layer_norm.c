/* SPDX-License-Identifier: Apache-2.0 */

/* Layer normalization with exact sums: a zero point of the input cancels.
 *
 * With n codes, N = n * sum x^2 - (sum x)^2 and d = n * x - sum x, the normalized value is
 * d / sqrt(N + epsilon). All of it stays in 64 bits: N < 2^62, epsilon < 2^62. */

#include "finish.h"

#if NNQ_HAS_LAYER_NORM

/* floor(sqrt(x)), a bit of the result at a time. */
static uint32_t square_root(uint64_t x) {
  uint64_t root = 0;
  for (uint64_t bit = UINT64_C(1) << 62; bit > 0; bit >>= 2) {
    uint64_t trial = root + bit;
    root >>= 1;
    if (x >= trial) {
      x -= trial;
      root += bit;
    }
  }
  return (uint32_t)root;
}

void nnq_layer_norm_run(const nnq_node *node, const void *x, void *y) {
  nnq_rows rows = nnq_node_rows(node);
  uint32_t n = nnq_node_inputs(node);
  uint32_t bits = node->input_bits;
  int64_t sum = 0;     /* at most 65,535 * 2^15 in size */
  uint64_t squares = 0; /* at most 65,535 * 2^30 */
  for (uint32_t i = 0; i < n; i++) {
    int32_t code = nnq_code(x, bits, i);
    sum += code;
    squares += (uint64_t)((int64_t)code * code);
  }

  const uint8_t *epsilon = rows.weights + nnq_pad4(n);
  uint64_t spread = n * squares - (uint64_t)(sum * sum) + (uint64_t)nnq_i64(epsilon);
  uint32_t doublings = 0; /* of the root, up to 30 */
  for (; spread < UINT64_C(1) << 60; spread <<= 2) doublings++;
  uint32_t root = square_root(spread); /* in 2^30 ... 2^31.5 */

  for (uint32_t i = 0; i < n; i++) {
    int64_t distance = (int64_t)n * nnq_code(x, bits, i) - sum;
    /* |distance| << doublings is below 2^40, as |distance| <= sqrt(n - 1) * sqrt(N). */
    uint64_t scaled = (uint64_t)(distance < 0 ? -distance : distance) << doublings << 15;
    int32_t z = (int32_t)((scaled + (root >> 1)) / root); /* below 2^23 */
    int32_t gain = (int8_t)rows.weights[i];
    int32_t y_sum = gain * (distance < 0 ? -z : z) + nnq_i32(rows.bias + 4 * i);
    nnq_finish(node, y, i, y_sum, rows.multiplier + 4 * i, rows.shift[i]);
  }
}

#else
typedef int nnq_no_layer_norm;
#endif
