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

#endif
