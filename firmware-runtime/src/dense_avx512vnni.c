/* SPDX-License-Identifier: Apache-2.0 */

/* Sixteen outputs a vector; vpdpbusd adds four products of unsigned codes and signed weights to
 * each lane, vpdpwssd two products of 16-bit codes. */

#include "kernels.h"

#if defined(NNQ_X86_KERNELS)

#include <immintrin.h>

#define NNQ_ISA __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512vnni")))
#define NNQ_INLINE static inline __attribute__((always_inline)) NNQ_ISA
#define NNQ_APART __attribute__((noinline)) NNQ_ISA
#define NNQ_LANES 16
#define NNQ_TILE_ROWS(product) 6
#define NNQ_SINGLE_ROWS(product) 8
#define NNQ_KNOWS(product) 1
#define NNQ_WIDE_STEP 2

typedef __m512i vec, code_vec, weight_vec;
typedef int32_t four_bytes __attribute__((may_alias));

NNQ_INLINE vec zero(void) { return _mm512_setzero_si512(); }
NNQ_INLINE vec add(vec a, vec b) { return _mm512_add_epi32(a, b); }
NNQ_INLINE vec load(const int32_t *at) { return _mm512_load_si512(at); }

/* 16 times the weight where it has 4 bits. */
NNQ_INLINE vec weights(const uint8_t *at, int product, int part) {
  if (product == NNQ_16X8) {
    return _mm512_cvtepi8_epi16(_mm256_load_si256((const __m256i *)(const void *)at));
  }
  vec v = _mm512_load_si512(at);
  if (product == NNQ_8X8) return v;
  if (part == 0) v = _mm512_slli_epi16(v, 4);
  return _mm512_and_si512(v, _mm512_set1_epi8((char)0xF0));
}

NNQ_INLINE vec codes(const uint8_t *at, int product) {
  (void)product;
  return _mm512_set1_epi32(*(const four_bytes *)(const void *)at);
}

/* gcc 12 copies the sums around the intrinsics until it has to spill them. */
NNQ_INLINE vec dot(vec sum, vec x, vec weight, int product) {
#if defined(__clang__)
  return product == NNQ_16X8 ? _mm512_dpwssd_epi32(sum, x, weight)
                             : _mm512_dpbusd_epi32(sum, x, weight);
#else
  if (product == NNQ_16X8) __asm__("vpdpwssd\t%2, %1, %0" : "+v"(sum) : "v"(x), "vm"(weight));
  else __asm__("vpdpbusd\t%2, %1, %0" : "+v"(sum) : "v"(x), "vm"(weight));
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
  return _mm512_add_epi32(_mm512_srai_epi32(sum, 4), bias);
}

NNQ_INLINE vec limit(vec sum, vec most, vec left) {
  sum = _mm512_max_epi32(_mm512_min_epi32(sum, most), _mm512_sub_epi32(zero(), most));
  return _mm512_sllv_epi32(sum, left);
}

NNQ_INLINE vec scale(vec sum, vec multiplier, vec shift) {
  vec even = _mm512_mul_epi32(sum, multiplier);
  vec odd = _mm512_mul_epi32(_mm512_srli_epi64(sum, 32), _mm512_srli_epi64(multiplier, 32));
  /* Not a blend: clang would make one permutation of it, which takes longer than both steps. */
  vec mask = _mm512_set1_epi64((int64_t)0xFFFFFFFF00000000);
  vec high = _mm512_ternarylogic_epi32(mask, odd, _mm512_srli_epi64(even, 32), 0xCA);
  return _mm512_srav_epi32(high, shift);
}

NNQ_INLINE vec halve(vec t) {
  return _mm512_srai_epi32(_mm512_add_epi32(t, _mm512_set1_epi32(1)), 1);
}

NNQ_INLINE void store_words(uint8_t *y, vec v, const nnq_packed_layer *layer, uint32_t left) {
  v = _mm512_min_epi16(_mm512_max_epi16(v, _mm512_set1_epi16((int16_t)layer->low)),
                       _mm512_set1_epi16((int16_t)layer->high));
  if (left >= 32) _mm512_storeu_si512(y, v);
  else _mm512_mask_storeu_epi16(y, (__mmask32)((UINT32_C(1) << left) - 1), v);
}

/* Stores 64 codes of 16 bits. The packs leave eight codes of each input in a group of 32. */
NNQ_INLINE void store_wide_quad(uint8_t *y, const vec *t, const nnq_packed_layer *layer,
                                uint32_t left) {
  vec zero_point = _mm512_set1_epi16((int16_t)layer->zero_point);
  vec a = _mm512_adds_epi16(_mm512_packs_epi32(halve(t[0]), halve(t[1])), zero_point);
  vec b = _mm512_adds_epi16(_mm512_packs_epi32(halve(t[2]), halve(t[3])), zero_point);
  const vec low = _mm512_setr_epi64(0, 1, 8, 9, 2, 3, 10, 11);
  const vec high = _mm512_setr_epi64(4, 5, 12, 13, 6, 7, 14, 15);
  store_words(y, _mm512_permutex2var_epi64(a, low, b), layer, left);
  if (left > 32) store_words(y + 64, _mm512_permutex2var_epi64(a, high, b), layer, left - 32);
}

/* Narrows four vectors to codes; 16 bytes of the result hold four codes of each. */
NNQ_INLINE vec narrow(const vec *t, const nnq_packed_layer *layer) {
  /* vpmulhrsw by 2^14 is (t + 1) >> 1. */
  const vec half = _mm512_set1_epi16(1 << 14);
  vec zero_point = _mm512_set1_epi16((int16_t)layer->zero_point);
  vec a = _mm512_mulhrs_epi16(_mm512_packs_epi32(t[0], t[1]), half);
  vec b = _mm512_mulhrs_epi16(_mm512_packs_epi32(t[2], t[3]), half);
  vec v = _mm512_packs_epi16(_mm512_adds_epi16(a, zero_point), _mm512_adds_epi16(b, zero_point));
  v = _mm512_min_epi8(_mm512_max_epi8(v, _mm512_set1_epi8((char)layer->low)),
                      _mm512_set1_epi8((char)layer->high));
  return _mm512_xor_si512(v, _mm512_set1_epi8((char)layer->flip));
}

NNQ_INLINE void store_quad(uint8_t *y, const vec *t, const nnq_packed_layer *layer, uint32_t left) {
  if (layer->output_form == NNQ_FORM_WIDE) {
    store_wide_quad(y, t, layer, left);
    return;
  }
  vec v = narrow(t, layer);
  if (left >= 64) _mm512_storeu_si512(y, v);
  else _mm512_mask_storeu_epi8(y, (__mmask64)((UINT64_C(1) << left) - 1), v);
}

NNQ_INLINE void store_block(uint8_t *y, vec t, const nnq_packed_layer *layer, uint32_t left) {
  vec v = _mm512_srai_epi32(_mm512_add_epi32(t, _mm512_set1_epi32(layer->rounding)), 1);
  v = _mm512_min_epi32(_mm512_max_epi32(v, _mm512_set1_epi32(layer->low)),
                       _mm512_set1_epi32(layer->high));
  if (layer->output_form == NNQ_FORM_WIDE) {
    __m256i words = _mm512_cvtepi32_epi16(v);
    if (left >= 16) _mm256_storeu_si256((__m256i *)(void *)y, words);
    else _mm256_mask_storeu_epi16(y, (__mmask16)((UINT32_C(1) << left) - 1), words);
    return;
  }
  __m128i bytes = _mm512_cvtepi32_epi8(v);
  bytes = _mm_xor_si128(bytes, _mm_set1_epi8((char)layer->flip));
  if (left >= 16) _mm_storeu_si128((__m128i *)(void *)y, bytes);
  else _mm_mask_storeu_epi8(y, (__mmask16)((UINT32_C(1) << left) - 1), bytes);
}

NNQ_INLINE void store_rows(uint8_t *y, size_t stride, const vec *t, const nnq_packed_layer *layer,
                           uint32_t left) {
  if (layer->output_form == NNQ_FORM_WIDE) {
    NNQ_UNROLL for (uint32_t r = 0; r < 4; r++) store_block(y + r * stride, t[r], layer, left);
    return;
  }
  const vec by_row = _mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
  vec v = _mm512_permutexvar_epi32(by_row, narrow(t, layer));
  __mmask16 mask = (__mmask16)(left >= 16 ? 0xFFFF : (1u << left) - 1);
  _mm_mask_storeu_epi8(y, mask, _mm512_castsi512_si128(v));
  _mm_mask_storeu_epi8(y + stride, mask, _mm512_extracti32x4_epi32(v, 1));
  _mm_mask_storeu_epi8(y + 2 * stride, mask, _mm512_extracti32x4_epi32(v, 2));
  _mm_mask_storeu_epi8(y + 3 * stride, mask, _mm512_extracti32x4_epi32(v, 3));
}

/* Rows of the arena are whole vectors, so that the last one is stored in full. */
NNQ_INLINE void stage8(uint8_t *to, const int8_t *from, uint32_t count, uint32_t form) {
  (void)form;
  const vec flip = _mm512_set1_epi8(-128);
  for (; count > 64; count -= 64, from += 64, to += 64) {
    _mm512_storeu_si512(to, _mm512_xor_si512(_mm512_loadu_si512(from), flip));
  }
  vec last = _mm512_maskz_loadu_epi8((__mmask64)(~UINT64_C(0) >> (64 - count)), from);
  _mm512_storeu_si512(to, _mm512_xor_si512(last, flip));
}

NNQ_INLINE void stage16(int16_t *to, const int16_t *from, uint32_t count) {
  for (; count > 32; count -= 32, from += 32, to += 32) {
    _mm512_storeu_si512(to, _mm512_loadu_si512(from));
  }
  vec last = _mm512_maskz_loadu_epi16((__mmask32)(~UINT32_C(0) >> (32 - count)), from);
  _mm512_storeu_si512(to, last);
}

#include "dense_tiles.h"

NNQ_ISA void nnq_batch_avx512vnni(const nnq_packed *packed, uint32_t rows, const void *input,
                                  void *output, uint8_t *arena) {
  batch(packed, rows, input, output, arena);
}

#else
typedef int nnq_no_avx512vnni;
#endif
