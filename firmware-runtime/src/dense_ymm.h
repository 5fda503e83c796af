/* SPDX-License-Identifier: Apache-2.0 */

/* What the two kernels with 256-bit vectors share: everything but the products of 8-bit codes. The
 * including file has defined NNQ_INLINE. */

#ifndef NNQ_DENSE_YMM_H
#define NNQ_DENSE_YMM_H

#include <immintrin.h>

#include "packed.h"

#define NNQ_LANES 8
#define NNQ_KNOWS(product) 1
#define NNQ_WIDE_STEP 2

typedef __m256i vec, code_vec, weight_vec;
typedef int32_t four_bytes __attribute__((may_alias));

NNQ_INLINE vec zero(void) { return _mm256_setzero_si256(); }
NNQ_INLINE vec add(vec a, vec b) { return _mm256_add_epi32(a, b); }
NNQ_INLINE vec load(const int32_t *at) {
  return _mm256_load_si256((const __m256i *)(const void *)at);
}

NNQ_INLINE vec weight_bytes(const uint8_t *at) {
  return _mm256_load_si256((const __m256i *)(const void *)at);
}

NNQ_INLINE vec wide_weights(const uint8_t *at) {
  return _mm256_cvtepi8_epi16(_mm_load_si128((const __m128i *)(const void *)at));
}

NNQ_INLINE vec codes(const uint8_t *at, int product) {
  (void)product;
  return _mm256_set1_epi32(*(const four_bytes *)(const void *)at);
}

NNQ_INLINE vec limit(vec sum, vec most, vec left) {
  sum = _mm256_max_epi32(_mm256_min_epi32(sum, most), _mm256_sub_epi32(zero(), most));
  return _mm256_sllv_epi32(sum, left);
}

NNQ_INLINE vec scale(vec sum, vec multiplier, vec shift) {
  vec even = _mm256_mul_epi32(sum, multiplier);
  vec odd = _mm256_mul_epi32(_mm256_srli_epi64(sum, 32), _mm256_srli_epi64(multiplier, 32));
  vec high = _mm256_blend_epi32(_mm256_srli_epi64(even, 32), odd, 0xAA);
  return _mm256_srav_epi32(high, shift);
}

NNQ_INLINE vec halve(vec t) {
  return _mm256_srai_epi32(_mm256_add_epi32(t, _mm256_set1_epi32(1)), 1);
}

/* Stores the first bytes of a vector, all of them where there is room. */
NNQ_INLINE void store_bytes(uint8_t *y, vec v, uint32_t bytes) {
  if (bytes >= 32) {
    _mm256_storeu_si256((__m256i *)(void *)y, v);
    return;
  }
  uint8_t all[32];
  _mm256_storeu_si256((__m256i *)(void *)all, v);
  for (uint32_t i = 0; i < bytes; i++) y[i] = all[i];
}

NNQ_INLINE vec clamp_words(vec v, const nnq_packed_layer *layer) {
  return _mm256_min_epi16(_mm256_max_epi16(v, _mm256_set1_epi16((int16_t)layer->low)),
                          _mm256_set1_epi16((int16_t)layer->high));
}

/* Narrows four vectors to codes; 16 bytes of the result hold four codes of each. */
NNQ_INLINE vec narrow(const vec *t, const nnq_packed_layer *layer) {
  /* vpmulhrsw by 2^14 is (t + 1) >> 1. */
  const vec half = _mm256_set1_epi16(1 << 14);
  vec zero_point = _mm256_set1_epi16((int16_t)layer->zero_point);
  vec a = _mm256_mulhrs_epi16(_mm256_packs_epi32(t[0], t[1]), half);
  vec b = _mm256_mulhrs_epi16(_mm256_packs_epi32(t[2], t[3]), half);
  vec v = _mm256_packs_epi16(_mm256_adds_epi16(a, zero_point), _mm256_adds_epi16(b, zero_point));
  v = _mm256_min_epi8(_mm256_max_epi8(v, _mm256_set1_epi8((char)layer->low)),
                      _mm256_set1_epi8((char)layer->high));
  return _mm256_xor_si256(v, _mm256_set1_epi8((char)layer->flip));
}

/* Stores 32 codes in the split form; the arena has room for all. */
NNQ_INLINE void store_split(uint8_t *y, vec v) {
  const vec low_bits = _mm256_set1_epi8(15);
  vec low = _mm256_and_si256(v, low_bits);
  vec high = _mm256_and_si256(_mm256_srli_epi16(v, 4), low_bits);
  vec a = _mm256_unpacklo_epi32(low, high), b = _mm256_unpackhi_epi32(low, high);
  _mm256_storeu_si256((__m256i *)(void *)y, _mm256_permute2x128_si256(a, b, 0x20));
  _mm256_storeu_si256((__m256i *)(void *)(y + 32), _mm256_permute2x128_si256(a, b, 0x31));
}

/* The same with the low eight codes of a vector. */
NNQ_INLINE void store_split8(uint8_t *y, __m128i v) {
  const __m128i low_bits = _mm_set1_epi8(15);
  __m128i high = _mm_and_si128(_mm_srli_epi16(v, 4), low_bits);
  _mm_storeu_si128((__m128i *)(void *)y, _mm_unpacklo_epi32(_mm_and_si128(v, low_bits), high));
}

NNQ_INLINE void store_quad(uint8_t *y, const vec *t, const nnq_packed_layer *layer, uint32_t left) {
  if (layer->output_form == NNQ_FORM_WIDE) {
    vec zero_point = _mm256_set1_epi16((int16_t)layer->zero_point);
    vec a = _mm256_adds_epi16(_mm256_packs_epi32(halve(t[0]), halve(t[1])), zero_point);
    vec b = _mm256_adds_epi16(_mm256_packs_epi32(halve(t[2]), halve(t[3])), zero_point);
    a = clamp_words(a, layer);
    b = clamp_words(b, layer);
    store_bytes(y, _mm256_permute2x128_si256(a, b, 0x20), 2 * left);
    if (left > 16) store_bytes(y + 32, _mm256_permute2x128_si256(a, b, 0x31), 2 * left - 32);
    return;
  }
  vec v = narrow(t, layer);
  if (layer->output_form == NNQ_FORM_SPLIT) store_split(y, v);
  else store_bytes(y, v, left);
}

NNQ_INLINE void store_block(uint8_t *y, vec t, const nnq_packed_layer *layer, uint32_t left) {
  vec v = _mm256_srai_epi32(_mm256_add_epi32(t, _mm256_set1_epi32(layer->rounding)), 1);
  v = _mm256_min_epi32(_mm256_max_epi32(v, _mm256_set1_epi32(layer->low)),
                       _mm256_set1_epi32(layer->high));
  __m128i words = _mm_packs_epi32(_mm256_castsi256_si128(v), _mm256_extracti128_si256(v, 1));
  uint32_t bytes = left < NNQ_LANES ? left : NNQ_LANES;
  if (layer->output_form == NNQ_FORM_WIDE) {
    if (bytes == NNQ_LANES) _mm_storeu_si128((__m128i *)(void *)y, words);
    else store_bytes(y, _mm256_castsi128_si256(words), 2 * bytes);
    return;
  }
  words = _mm_packs_epi16(words, words);
  words = _mm_xor_si128(words, _mm_set1_epi8((char)layer->flip));
  if (layer->output_form == NNQ_FORM_SPLIT) {
    store_split8(y, words);
    return;
  }
  if (bytes == NNQ_LANES) _mm_storel_epi64((__m128i *)(void *)y, words);
  else store_bytes(y, _mm256_castsi128_si256(words), bytes);
}

NNQ_INLINE void store_rows(uint8_t *y, size_t stride, const vec *t, const nnq_packed_layer *layer,
                           uint32_t left) {
  if (layer->output_bytes == 2 || left < NNQ_LANES) {
    NNQ_UNROLL for (uint32_t r = 0; r < 4; r++) store_block(y + r * stride, t[r], layer, left);
    return;
  }
  vec v = _mm256_permutevar8x32_epi32(narrow(t, layer), _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7));
  __m128i low = _mm256_castsi256_si128(v), high = _mm256_extracti128_si256(v, 1);
  _mm_storel_epi64((__m128i *)(void *)y, low);
  _mm_storel_epi64((__m128i *)(void *)(y + stride), _mm_unpackhi_epi64(low, low));
  _mm_storel_epi64((__m128i *)(void *)(y + 2 * stride), high);
  _mm_storel_epi64((__m128i *)(void *)(y + 3 * stride), _mm_unpackhi_epi64(high, high));
}

NNQ_INLINE void stage16(int16_t *to, const int16_t *from, uint32_t count) {
  uint32_t i = 0;
  for (; i + 16 <= count; i += 16) {
    vec x = _mm256_loadu_si256((const __m256i *)(const void *)(from + i));
    _mm256_storeu_si256((__m256i *)(void *)(to + i), x);
  }
  for (; i < count; i++) to[i] = from[i];
  if (count & 1) to[count] = 0;
}

#endif
