/* SPDX-License-Identifier: Apache-2.0 */

/* Eight outputs a pair of registers; sdot adds four products of 8 bits to each 32-bit sum. */

#include "kernels.h"

#if defined(NNQ_ARM_KERNELS)

#define NNQ_ISA __attribute__((target("arch=armv8.2-a+dotprod")))
#define NNQ_INLINE static inline __attribute__((always_inline)) NNQ_ISA
#define NNQ_APART __attribute__((noinline)) NNQ_ISA
#define NNQ_KNOWS(product) 1

#include "dense_q.h"

NNQ_INLINE weight_vec weights(const uint8_t *at, int product, int part) {
  if (product == NNQ_16X8) return wide_weights(at);
  weight_vec v = {{vld1q_s8((const int8_t *)at), vld1q_s8((const int8_t *)at + 16)}};
  if (product == NNQ_8X8) return v;
  if (part == 0) {
    v.val[0] = vshlq_n_s8(v.val[0], 4);
    v.val[1] = vshlq_n_s8(v.val[1], 4);
  }
  v.val[0] = vshrq_n_s8(v.val[0], 4);
  v.val[1] = vshrq_n_s8(v.val[1], 4);
  return v;
}

/* The arena is aligned to 4 bytes, and so is each step. */
NNQ_INLINE code_vec codes(const uint8_t *at, int product) {
  if (product == NNQ_16X8) return wide_codes(at);
  return vreinterpretq_s8_s32(vld1q_dup_s32((const int32_t *)(const void *)at));
}

NNQ_INLINE vec dot(vec sum, code_vec x, weight_vec weight, int product) {
  if (product == NNQ_16X8) return wide_dot(sum, x, weight);
  return pair(vdotq_s32(sum.val[0], weight.val[0], x), vdotq_s32(sum.val[1], weight.val[1], x));
}

NNQ_INLINE void stage8(uint8_t *to, const int8_t *from, uint32_t count, uint32_t form) {
  (void)form;
  uint32_t i = 0;
  for (; i + 16 <= count; i += 16) vst1q_s8((int8_t *)to + i, vld1q_s8(from + i));
  for (; i < count; i++) to[i] = (uint8_t)from[i];
  for (; i & 3; i++) to[i] = 0;
}

#include "dense_tiles.h"

NNQ_ISA void nnq_batch_neondot(const nnq_packed *packed, uint32_t rows, const void *input,
                               void *output, uint8_t *arena) {
  batch(packed, rows, input, output, arena);
}

#else
typedef int nnq_no_neondot;
#endif
