/* SPDX-License-Identifier: Apache-2.0 */

/* Eight outputs a vector. vpmaddubsw multiplies unsigned by signed bytes and adds pairs of products
 * in 16 bits, with saturation that its operands must not reach: a code of 8 bits goes in two halves
 * of 4, and a weight of 4 bits as the unsigned one of the two, 8 too high. A few steps are added up
 * in 16 bits before 32 take them. 16-bit codes go to vpmaddwd, with weights that are widened as
 * they are read. */

#include "kernels.h"

#if defined(NNQ_X86_KERNELS)

#define NNQ_ISA __attribute__((target("avx2")))
#define NNQ_INLINE static inline __attribute__((always_inline)) NNQ_ISA
#define NNQ_APART __attribute__((noinline)) NNQ_ISA
#define NNQ_TILE_ROWS(product) ((product) == NNQ_8X8 ? 1 : 2)
#define NNQ_SINGLE_ROWS(product) ((product) == NNQ_16X8 ? 8 : 4)
#define NNQ_IS_SHORT(product) ((product) != NNQ_16X8)

#include "dense_ymm.h"

NNQ_INLINE vec weights(const uint8_t *at, int product, int part) {
  (void)product;
  (void)part;
  return wide_weights(at);
}

NNQ_INLINE vec dot(vec sum, vec x, vec weight, int product) {
  (void)product;
  return _mm256_add_epi32(sum, _mm256_madd_epi16(x, weight));
}

NNQ_INLINE vec add_short(vec sum, vec unsigned_bytes, vec signed_bytes) {
  return _mm256_add_epi16(sum, _mm256_maddubs_epi16(unsigned_bytes, signed_bytes));
}

/* A step of 8-bit weights adds at most 2 * 15 * 127 to the 16-bit sum of either half of the codes,
 * 8 steps 30,480. A step of 4-bit weights adds at most 4 * 15 * 128, 4 steps 30,720. */
enum { SHORT_STEPS_8X8 = 8, SHORT_STEPS_8X4 = 4 };

/* Of the sums of 4-bit weights, low and high are the same in what they hold, and are added up. */
NNQ_INLINE void short_step(vec *low, vec *high, const uint8_t *w, const uint8_t *x, size_t stride,
                           int product, int blocks, int rows) {
  const vec low_bits = _mm256_set1_epi8(15);
  NNQ_UNROLL for (int i = 0; i < rows * blocks; i++) {
    int b = i / rows, at = i % rows * blocks + b;
    const uint8_t *row = x + (uint32_t)(i % rows) * stride;
    vec first = codes(row, product), second = codes(row + 4, product);
    vec weight = weight_bytes(w + b * 32);
    if (product == NNQ_8X8) {
      low[at] = add_short(low[at], first, weight);
      high[at] = add_short(high[at], second, weight);
    } else {
      low[at] = add_short(low[at], _mm256_and_si256(weight, low_bits), first);
      weight = _mm256_and_si256(_mm256_srli_epi16(weight, 4), low_bits);
      low[at] = add_short(low[at], weight, second);
    }
  }
}

NNQ_INLINE void short_steps(vec *sums, const uint8_t *w, const uint8_t *x, size_t stride,
                            uint32_t steps, int product, int blocks, int rows) {
  const uint32_t most = product == NNQ_8X8 ? SHORT_STEPS_8X8 : SHORT_STEPS_8X4;
  const vec one = _mm256_set1_epi16(1), sixteen = _mm256_set1_epi16(16);
  while (steps > 0) {
    vec low[NNQ_TILE_SUMS], high[NNQ_TILE_SUMS];
    uint32_t together = steps < most ? steps : most;
    NNQ_UNROLL for (int i = 0; i < rows * blocks; i++) low[i] = high[i] = zero();
    steps -= together;
    for (; together > 0; together--, w += blocks * 32, x += 8) {
      short_step(low, high, w, x, stride, product, blocks, rows);
    }
    NNQ_UNROLL for (int i = 0; i < rows * blocks; i++) {
      sums[i] = add(sums[i], _mm256_madd_epi16(low[i], one));
      if (product == NNQ_8X8) sums[i] = add(sums[i], _mm256_madd_epi16(high[i], sixteen));
    }
  }
}

NNQ_INLINE vec begin(vec bias, int product) {
  (void)product;
  return bias;
}

/* -8 times the sum of a row's codes, in all lanes: weights that are 8 too high add the opposite. */
NNQ_INLINE vec share_of(const uint8_t *x, uint32_t steps) {
  const vec flip = _mm256_set1_epi8(-128);
  const int32_t surplus = (int32_t)(8 * 128 * steps);
  vec wide = zero();
  for (; steps >= 4; steps -= 4, x += 32) {
    vec v = _mm256_xor_si256(_mm256_loadu_si256((const __m256i *)(const void *)x), flip);
    wide = _mm256_add_epi64(wide, _mm256_sad_epu8(v, zero()));
  }
  __m128i sum = _mm_add_epi64(_mm256_castsi256_si128(wide), _mm256_extracti128_si256(wide, 1));
  sum = _mm_add_epi64(sum, _mm_unpackhi_epi64(sum, sum));
  for (; steps > 0; steps--, x += 8) {
    __m128i v = _mm_loadl_epi64((const __m128i *)(const void *)x);
    v = _mm_xor_si128(v, _mm_loadl_epi64((const __m128i *)(const void *)&flip));
    sum = _mm_add_epi64(sum, _mm_sad_epu8(v, _mm_setzero_si128()));
  }
  return _mm256_set1_epi32(8 * (surplus - _mm_cvtsi128_si32(sum)));
}

NNQ_INLINE vec settle(vec sum, vec bias, vec share) {
  (void)bias;
  return add(sum, share);
}

NNQ_INLINE void stage_split(uint8_t *to, const int8_t *from, uint32_t count) {
  uint32_t i = 0;
  for (; i + 32 <= count; i += 32) {
    vec v = _mm256_loadu_si256((const __m256i *)(const void *)(from + i));
    store_split(to + 2 * i, _mm256_xor_si256(v, _mm256_set1_epi8(-128)));
  }
  for (; i + 8 <= count; i += 8) {
    __m128i v = _mm_loadl_epi64((const __m128i *)(const void *)(from + i));
    store_split8(to + 2 * i, _mm_xor_si128(v, _mm_set1_epi8(-128)));
  }
  for (; i < count; i++) nnq_set_split(to, i, (uint8_t)from[i] ^ 0x80);
}

NNQ_INLINE void stage8(uint8_t *to, const int8_t *from, uint32_t count, uint32_t form) {
  if (form == NNQ_FORM_SPLIT) {
    stage_split(to, from, count);
    return;
  }
  uint32_t i = 0;
  for (; i + 32 <= count; i += 32) {
    vec v = _mm256_loadu_si256((const __m256i *)(const void *)(from + i));
    _mm256_storeu_si256((__m256i *)(void *)(to + i), v);
  }
  for (; i < count; i++) to[i] = (uint8_t)from[i];
}

#include "dense_tiles.h"

NNQ_ISA void nnq_batch_avx2(const nnq_packed *packed, uint32_t rows, const void *input,
                            void *output, uint8_t *arena) {
  batch(packed, rows, input, output, arena);
}

#else
typedef int nnq_no_avx2;
#endif
