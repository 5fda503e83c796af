/* SPDX-License-Identifier: Apache-2.0 */

/* Eight outputs a pair of registers. Codes are held as int16_t and weights are widened as they are
 * read: smlal adds products of 16 bits to 32-bit sums. */

#include "kernels.h"

#if defined(NNQ_ARM_KERNELS)

#define NNQ_INLINE static inline __attribute__((always_inline))
#define NNQ_APART __attribute__((noinline))
#define NNQ_KNOWS(product) ((product) == NNQ_16X8)

#include "dense_q.h"

NNQ_INLINE weight_vec weights(const uint8_t *at, int product, int part) {
  (void)product;
  (void)part;
  return wide_weights(at);
}

NNQ_INLINE code_vec codes(const uint8_t *at, int product) {
  (void)product;
  return wide_codes(at);
}

NNQ_INLINE vec dot(vec sum, code_vec x, weight_vec weight, int product) {
  (void)product;
  return wide_dot(sum, x, weight);
}

NNQ_INLINE void stage8(uint8_t *bytes, const int8_t *from, uint32_t count, uint32_t form) {
  (void)form;
  int16_t *to = (int16_t *)(void *)bytes;
  uint32_t i = 0;
  for (; i + 8 <= count; i += 8) vst1q_s16(to + i, vmovl_s8(vld1_s8(from + i)));
  for (; i < count; i++) to[i] = from[i];
}

#include "dense_tiles.h"

void nnq_batch_neon(const nnq_packed *packed, uint32_t rows, const void *input, void *output,
                    uint8_t *arena) {
  batch(packed, rows, input, output, arena);
}

#else
typedef int nnq_no_neon;
#endif
