/* SPDX-License-Identifier: Apache-2.0 */

/* What the two NEON kernels share: everything but the products of 8-bit codes. A vec is a pair of
 * registers with eight outputs. The including file has defined NNQ_INLINE. */

#ifndef NNQ_DENSE_Q_H
#define NNQ_DENSE_Q_H

#include <arm_neon.h>

#include "packed.h"

#define NNQ_LANES 8
#define NNQ_WIDE_STEP 1
#define NNQ_TILE_ROWS(product) 2
#define NNQ_SINGLE_ROWS(product) 8

typedef int32x4x2_t vec;
typedef int8x16_t code_vec;     /* of 16-bit codes: an int16x8_t */
typedef int8x16x2_t weight_vec; /* of 16-bit codes: the first is an int16x8_t */

NNQ_INLINE vec pair(int32x4_t low, int32x4_t high) {
  vec v = {{low, high}};
  return v;
}

NNQ_INLINE vec zero(void) { return pair(vdupq_n_s32(0), vdupq_n_s32(0)); }
NNQ_INLINE vec load(const int32_t *at) { return pair(vld1q_s32(at), vld1q_s32(at + 4)); }
NNQ_INLINE vec add(vec a, vec b) {
  return pair(vaddq_s32(a.val[0], b.val[0]), vaddq_s32(a.val[1], b.val[1]));
}

NNQ_INLINE weight_vec wide_weights(const uint8_t *at) {
  int8x16_t words = vreinterpretq_s8_s16(vmovl_s8(vld1_s8((const int8_t *)at)));
  weight_vec v = {{words, words}};
  return v;
}

NNQ_INLINE code_vec wide_codes(const uint8_t *at) {
  return vreinterpretq_s8_s16(vld1q_dup_s16((const int16_t *)(const void *)at));
}

NNQ_INLINE vec wide_dot(vec sum, code_vec x, weight_vec weight) {
  int16x8_t a = vreinterpretq_s16_s8(x), b = vreinterpretq_s16_s8(weight.val[0]);
  return pair(vmlal_s16(sum.val[0], vget_low_s16(a), vget_low_s16(b)),
              vmlal_s16(sum.val[1], vget_high_s16(a), vget_high_s16(b)));
}

NNQ_INLINE vec begin(vec bias, int product) {
  (void)product;
  return bias;
}

/* Nothing: weights of 4 bits are multiplied as they are. */
NNQ_INLINE vec share_of(const uint8_t *x, uint32_t steps) {
  (void)x;
  (void)steps;
  return zero();
}

NNQ_INLINE vec settle(vec sum, vec bias, vec share) {
  (void)bias;
  (void)share;
  return sum;
}

NNQ_INLINE int32x4_t limit_half(int32x4_t sum, int32x4_t most, int32x4_t left) {
  return vshlq_s32(vmaxq_s32(vminq_s32(sum, most), vnegq_s32(most)), left);
}

NNQ_INLINE vec limit(vec sum, vec most, vec left) {
  return pair(limit_half(sum.val[0], most.val[0], left.val[0]),
              limit_half(sum.val[1], most.val[1], left.val[1]));
}

NNQ_INLINE int32x4_t scale_half(int32x4_t sum, int32x4_t multiplier, int32x4_t shift) {
  int64x2_t low = vmull_s32(vget_low_s32(sum), vget_low_s32(multiplier));
  int64x2_t high = vmull_s32(vget_high_s32(sum), vget_high_s32(multiplier));
  return vshlq_s32(vcombine_s32(vshrn_n_s64(low, 32), vshrn_n_s64(high, 32)), vnegq_s32(shift));
}

NNQ_INLINE vec scale(vec sum, vec multiplier, vec shift) {
  return pair(scale_half(sum.val[0], multiplier.val[0], shift.val[0]),
              scale_half(sum.val[1], multiplier.val[1], shift.val[1]));
}

/* vrshr by 1 is (t + 1) >> 1. */
NNQ_INLINE int16x4_t words_of(int32x4_t t, const nnq_packed_layer *layer) {
  int32x4_t v = vaddq_s32(vrshrq_n_s32(t, 1), vdupq_n_s32(layer->zero_point));
  v = vminq_s32(vmaxq_s32(v, vdupq_n_s32(layer->low)), vdupq_n_s32(layer->high));
  return vmovn_s32(v);
}

NNQ_INLINE void store_block(uint8_t *y, vec t, const nnq_packed_layer *layer, uint32_t left) {
  int16x8_t words = vcombine_s16(words_of(t.val[0], layer), words_of(t.val[1], layer));
  if (layer->output_form == NNQ_FORM_WIDE) {
    int16_t *to = (int16_t *)(void *)y;
    if (left >= NNQ_LANES) {
      vst1q_s16(to, words);
      return;
    }
    int16_t all[NNQ_LANES];
    vst1q_s16(all, words);
    for (uint32_t i = 0; i < left; i++) to[i] = all[i];
    return;
  }
  int8x8_t bytes = vmovn_s16(words);
  if (left >= NNQ_LANES) {
    vst1_s8((int8_t *)y, bytes);
    return;
  }
  int8_t all[NNQ_LANES];
  vst1_s8(all, bytes);
  for (uint32_t i = 0; i < left; i++) y[i] = (uint8_t)all[i];
}

NNQ_INLINE void store_quad(uint8_t *y, const vec *t, const nnq_packed_layer *layer, uint32_t left) {
  const uint32_t block_bytes = NNQ_LANES * (layer->output_form == NNQ_FORM_WIDE ? 2u : 1u);
  for (uint32_t b = 0; b < NNQ_QUAD && b * NNQ_LANES < left; b++) {
    store_block(y + b * block_bytes, t[b], layer, left - b * NNQ_LANES);
  }
}

NNQ_INLINE void store_rows(uint8_t *y, size_t stride, const vec *t, const nnq_packed_layer *layer,
                           uint32_t left) {
  for (uint32_t r = 0; r < 4; r++) store_block(y + r * stride, t[r], layer, left);
}

NNQ_INLINE void stage16(int16_t *to, const int16_t *from, uint32_t count) {
  for (uint32_t i = 0; i < count; i++) to[i] = from[i];
}

#endif
