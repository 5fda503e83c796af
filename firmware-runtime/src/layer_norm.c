/* SPDX-License-Identifier: Apache-2.0 */

/* Layer normalization with exact sums: a zero point of the input cancels.
 *
 * With n codes, N = n * sum x^2 - (sum x)^2 and d = n * x - sum x, the normalized value is
 * d / sqrt(N + epsilon). All of it stays in 64 bits: N < 2^62, epsilon < 2^62. */

#include "finish.h"

#if NNQ_HAS_LAYER_NORM

/* All bits where a >= b, else none; both are below 2^63. */
static uint64_t mask_from(uint64_t a, uint64_t b) { return ((a - b) >> 63) - 1; }

/* floor(sqrt(x)), a bit of the result at a time. */
NNQ_OWN_FRAME static uint32_t square_root(uint64_t x) {
  uint64_t root = 0;
  for (uint64_t bit = UINT64_C(1) << 62; bit > 0; bit >>= 2) {
    uint64_t trial = root + bit;
    uint64_t fits = mask_from(x, trial);
    x -= trial & fits;
    root = (root >> 1) + (bit & fits);
  }
  return (uint32_t)root;
}

/* floor(x / y), which is below 2^24; y is 2^30 or more. Where no instruction does it, a compiler's
 * library branches on what it divides. */
static uint32_t quotient(uint64_t x, uint32_t y) {
#if UINTPTR_MAX > UINT32_MAX
  return (uint32_t)(x / y);
#else
  uint32_t result = 0;
  uint64_t part = (uint64_t)y << 23;
  for (uint32_t bit = UINT32_C(1) << 23; bit > 0; bit >>= 1, part >>= 1) {
    uint64_t fits = mask_from(x, part);
    x -= part & fits;
    result |= bit & (uint32_t)fits;
  }
  return result;
#endif
}

/* n * x, as nnq_product() is: n has 16 bits, x 46. */
static uint64_t scaled_by(uint32_t n, uint64_t x) {
  uint32_t upper = (uint32_t)(x >> 32), lower = (uint32_t)x;
  return ((uint64_t)(n * upper) << 32) + ((uint64_t)(n * (lower >> 16)) << 16) + n * (lower & 0xFFFF);
}

/* Of all codes. */
typedef struct statistics {
  int64_t sum;
  uint64_t spread;    /* N + epsilon, times 4 so often that it is in 2^60 ... 2^63 */
  uint32_t doublings; /* how often, up to 30 */
  uint32_t root;      /* of that, in 2^30 ... 2^31.5 */
} statistics;

NNQ_OWN_FRAME static void measure(const nnq_node *node, const void *x, statistics *all) {
  uint32_t n = nnq_node_inputs(node);
  int64_t sum = 0;      /* at most 65,535 * 2^15 in size */
  uint64_t squares = 0; /* at most 65,535 * 2^30 */
  for (uint32_t i = 0; i < n; i++) {
    int32_t code = nnq_code(x, node->input_bits, i);
    sum += code;
    squares += (uint32_t)(code * code);
  }
  const uint8_t *epsilon = nnq_node_rows(node).weights + nnq_pad4(n);
  int32_t sign = (int32_t)(sum >> 63);
  int32_t size = ((int32_t)sum ^ sign) - sign;
  uint64_t spread = scaled_by(n, squares) - (uint64_t)nnq_product(size, size) +
                    (uint64_t)nnq_i64(epsilon);
  uint32_t doublings = 0;
  for (uint32_t step = 16; step > 0; step >>= 1) {
    uint64_t is_small = mask_from((UINT64_C(1) << (62 - 2 * step)) - 1, spread);
    spread = (spread & ~is_small) | (spread << 2 * step & is_small);
    doublings += step & (uint32_t)is_small;
  }
  all->sum = sum;
  all->spread = spread;
  all->doublings = doublings;
}

/* The distance of a code from the mean in deviations, times 2^15; below 2^23 in size. */
NNQ_OWN_FRAME static int32_t normalized(const statistics *all, uint32_t n, int32_t code) {
  int64_t distance = (int32_t)n * code - all->sum;
  int64_t sign = distance >> 63;
  /* |distance| << doublings is below 2^40, as |distance| <= sqrt(n - 1) * sqrt(N). */
  uint64_t scaled = (uint64_t)((distance ^ sign) - sign) << all->doublings << 15;
  int32_t z = (int32_t)quotient(scaled + (all->root >> 1), all->root);
  return (z ^ (int32_t)sign) - (int32_t)sign;
}

NNQ_OWN_FRAME static void finish(const nnq_node *node, void *y, uint32_t i, int32_t z) {
  nnq_rows rows = nnq_node_rows(node);
  int32_t sum = (int8_t)rows.weights[i] * z + nnq_i32(rows.bias + 4 * i);
  nnq_finish(node, y, i, sum, rows.multiplier + 4 * i, rows.shift[i]);
}

void nnq_layer_norm_run(const nnq_node *node, const void *x, void *y) {
  uint32_t n = nnq_node_inputs(node);
  statistics all;
  measure(node, x, &all);
  all.root = square_root(all.spread);
  for (uint32_t i = 0; i < n; i++) {
    finish(node, y, i, normalized(&all, n, nnq_code(x, node->input_bits, i)));
  }
}

#else
typedef int nnq_no_layer_norm;
#endif
