/* SPDX-License-Identifier: Apache-2.0 */

/* The rules that several sections share. */

#ifndef NNQ_RULES_H
#define NNQ_RULES_H

#include "bytes.h"
#include "nnq.h"

/* No enumerators: an int may have 16 bits. */
#define NNQ_LARGEST_BIAS (INT32_C(1) << 30)
#define NNQ_LEAST_MULTIPLIER (INT32_C(1) << 30)

enum { NNQ_LARGEST_SHIFT = 62 };

/* 1 when all bytes are zero. */
int nnq_is_zero(const uint8_t *bytes, uint32_t count);

/* 1 when so many bytes, which end here, are padded with zeros up to a multiple of 4. */
int nnq_is_padded(const uint8_t *end, uint32_t bytes);

/* Checks a multiplier and a shift. */
nnq_status nnq_check_factor(const uint8_t *multiplier, uint32_t shift);

static inline int nnq_is_width(uint32_t bits) { return bits == 8 || bits == 16; }

static inline int nnq_is_within(int32_t x, int32_t low, int32_t high) {
  return x >= low && x <= high;
}

static inline int nnq_is_code(int32_t x, uint32_t bits) {
  return nnq_is_within(x, nnq_lowest_code(bits), nnq_highest_code(bits));
}

static inline int nnq_is_zero_point(int32_t x, uint32_t bits) {
  return nnq_is_narrow(bits) ? nnq_is_code(x, bits) : x == 0;
}

#endif
