/* SPDX-License-Identifier: Apache-2.0 */

/* Eight outputs a vector; vpdpbusd adds four products of unsigned codes and signed weights to each
 * lane, vpdpwssd two products of 16-bit codes. */

#include "kernels.h"

#if defined(NNQ_X86_KERNELS)

#define NNQ_ISA __attribute__((target("avx2,avxvnni")))
#define NNQ_INLINE static inline __attribute__((always_inline)) NNQ_ISA
#define NNQ_APART __attribute__((noinline)) NNQ_ISA
#define NNQ_TILE_ROWS(product) ((product) == NNQ_8X8 ? 3 : 2)
#define NNQ_SINGLE_ROWS(product) 8

#include "dense_ymm.h"

/* 16 times the weight where it has 4 bits. */
NNQ_INLINE vec weights(const uint8_t *at, int product, int part) {
  if (product == NNQ_16X8) return wide_weights(at);
  vec v = weight_bytes(at);
  if (product == NNQ_8X8) return v;
  if (part == 0) v = _mm256_slli_epi16(v, 4);
  return _mm256_and_si256(v, _mm256_set1_epi8((char)0xF0));
}

/* gcc 12 copies the sums around the intrinsics until it has to spill them. */
NNQ_INLINE vec dot(vec sum, vec x, vec weight, int product) {
#if defined(__clang__)
  return product == NNQ_16X8 ? _mm256_dpwssd_avx_epi32(sum, x, weight)
                             : _mm256_dpbusd_avx_epi32(sum, x, weight);
#else
  if (product == NNQ_16X8) {
    __asm__("%{vex%}\tvpdpwssd\t%2, %1, %0" : "+x"(sum) : "x"(x), "xm"(weight));
    return sum;
  }
  __asm__("%{vex%}\tvpdpbusd\t%2, %1, %0" : "+x"(sum) : "x"(x), "xm"(weight));
  return sum;
#endif
}

NNQ_INLINE vec begin(vec bias, int product) { return product == NNQ_8X4 ? zero() : bias; }

/* Nothing: the bias holds what unsigned codes add. */
NNQ_INLINE vec share_of(const uint8_t *x, uint32_t steps) {
  (void)x;
  (void)steps;
  return zero();
}

NNQ_INLINE vec settle(vec sum, vec bias, vec share) {
  (void)share;
  return _mm256_add_epi32(_mm256_srai_epi32(sum, 4), bias);
}

NNQ_INLINE void stage8(uint8_t *to, const int8_t *from, uint32_t count, uint32_t form) {
  (void)form;
  uint32_t i = 0;
  for (; i + 32 <= count; i += 32) {
    vec x = _mm256_loadu_si256((const __m256i *)(const void *)(from + i));
    _mm256_storeu_si256((__m256i *)(void *)(to + i), _mm256_xor_si256(x, _mm256_set1_epi8(-128)));
  }
  for (; i < count; i++) to[i] = (uint8_t)from[i] ^ 0x80;
  for (; i & 3; i++) to[i] = 0;
}

#include "dense_tiles.h"

NNQ_ISA void nnq_batch_avxvnni(const nnq_packed *packed, uint32_t rows, const void *input,
                               void *output, uint8_t *arena) {
  batch(packed, rows, input, output, arena);
}

#else
typedef int nnq_no_avxvnni;
#endif
