/* SPDX-License-Identifier: Apache-2.0 */

#ifndef NNQ_REQUANTIZE_H
#define NNQ_REQUANTIZE_H

#include <stdint.h>

/* C99 leaves `>>` of a negative number to the compiler: it must round toward minus infinity. */
typedef char nnq_right_shift_is_arithmetic[INT64_C(-5) >> 1 == -3 ? 1 : -1];

static inline int64_t nnq_asr64(int64_t x, uint32_t shift) { return x >> shift; }

/* floor((x * multiplier + 2^(shift-1)) / 2^shift): one rounding to nearest, ties toward +infinity.
 *
 * Range: multiplier in 2^30 ... 2^31 - 1, shift in 1 ... 62, every x. |x * multiplier| < 2^62 and
 *        the rounding term is at most 2^61, so the sum fits 64 bits.
 * Ties, with multiplier 2^30 and shift 32 (a factor of 1/4): 2 -> 1, -2 -> 0, 6 -> 2, -6 -> -1. */
static inline int64_t nnq_requantize(int32_t x, int32_t multiplier, uint32_t shift) {
  return nnq_asr64((int64_t)x * multiplier + (INT64_C(1) << (shift - 1)), shift);
}

#if defined(__ARM_ARCH_6M__) || defined(__ARM_ARCH_8M_BASE__)

/* The upper half of x * multiplier, which is not negative, in 16-bit halves: these CPUs have no wider
 * product, and that of a compiler's library branches on what it carries. No part leaves 32 bits. */
static inline int32_t nnq_high_product(int32_t x, int32_t multiplier) {
  int32_t a = x >> 16, m = multiplier >> 16;
  uint32_t b = (uint32_t)x & 0xFFFF, n = (uint32_t)multiplier & 0xFFFF;
  int32_t middle = a * (int32_t)n + (int32_t)(b * n >> 16);
  uint32_t carried = (((uint32_t)middle & 0xFFFF) + b * (uint32_t)m) >> 16;
  return a * m + (middle >> 16) + (int32_t)carried;
}

static inline int64_t nnq_product(int32_t x, int32_t multiplier) {
  uint32_t upper = (uint32_t)nnq_high_product(x, multiplier);
  return (int64_t)((uint64_t)upper << 32 | (uint32_t)x * (uint32_t)multiplier);
}

#else

static inline int64_t nnq_product(int32_t x, int32_t multiplier) {
  return (int64_t)x * multiplier;
}

#endif

/* x, but at most high, without a branch on them; their difference must fit 32 bits. */
static inline int32_t nnq_at_most(int32_t x, int32_t high) {
  int32_t below = high - x;
  return high - (below & ~(below >> 31));
}

/* clamp(zero_point + floor((product + 2^(shift-1)) / 2^shift), low, high), without a branch on the
 * product, so that how long it takes does not tell a code. Codes have at most 16 bits.
 *
 * Twice the distance from low, and 1 to round, is held at 0; where it takes more than 32 bits, they are
 * all set, which is above any code. */
static inline int32_t nnq_scaled_code(int64_t product, uint32_t shift, int32_t zero_point,
                                      int32_t low, int32_t high) {
  int64_t twice = nnq_asr64(product, shift - 1) + (2 * (zero_point - low) + 1);
  int32_t upper = (int32_t)(twice >> 32);
  uint32_t is_above = ~(uint32_t)(upper >> 31);
  uint32_t lower = (uint32_t)twice & is_above;
  upper &= (int32_t)is_above;
  lower |= (uint32_t)(-upper >> 31);
  return low + nnq_at_most((int32_t)(lower >> 1), high - low);
}

#endif
