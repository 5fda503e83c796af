// SPDX-License-Identifier: Apache-2.0
/* Two neighbouring inputs of a row are multiplied by those of several outputs at once, so the weights
 * are first put in pairs: [pairs of inputs][stride][2], where the stride is the outputs rounded up.
 * All sums are modulo 2^32, so that no order of summation changes them. */
#include <string.h>

#include "cpu.h"
#include "nnq_vector.h"

enum { ROWS = 4, MOST_LANES = 16 };

static size_t stride_of(size_t outputs) {
  return (outputs + MOST_LANES - 1) / MOST_LANES * MOST_LANES;
}

size_t nnq_code_products_room(size_t outputs, size_t inputs) {
  return (inputs + inputs % 2) * stride_of(outputs);
}

#if defined(NNQ_X86)

#include <immintrin.h>

#define NNQ_FORM(name) name##_base
#define NNQ_ISA
#define NNQ_VECTOR __m128i
#define NNQ_ZERO _mm_setzero_si128
#define NNQ_SAME(x) _mm_set1_epi32(x)
#define NNQ_MULTIPLY_ADD(sum, a, b) _mm_add_epi32(sum, _mm_madd_epi16(a, b))
#include "code_products_body.h"

#define NNQ_FORM(name) name##_avx2
#define NNQ_ISA __attribute__((target("avx2")))
#define NNQ_VECTOR __m256i
#define NNQ_ZERO _mm256_setzero_si256
#define NNQ_SAME(x) _mm256_set1_epi32(x)
#define NNQ_MULTIPLY_ADD(sum, a, b) _mm256_add_epi32(sum, _mm256_madd_epi16(a, b))
#include "code_products_body.h"

#define NNQ_FORM(name) name##_avx512
#define NNQ_ISA __attribute__((target("avx512f,avx512bw")))
#define NNQ_VECTOR __m512i
#define NNQ_ZERO _mm512_setzero_si512
#define NNQ_SAME(x) _mm512_set1_epi32(x)
#define NNQ_MULTIPLY_ADD(sum, a, b) _mm512_add_epi32(sum, _mm512_madd_epi16(a, b))
#include "code_products_body.h"

static void products(const int16_t *codes, size_t rows, const int16_t *pairs, size_t outputs,
                     size_t inputs, int32_t *sums) {
  if (nnq_this_cpu.avx512) {
    products_avx512(codes, rows, pairs, outputs, inputs, sums);
  } else if (nnq_this_cpu.avx2) {
    products_avx2(codes, rows, pairs, outputs, inputs, sums);
  } else {
    products_base(codes, rows, pairs, outputs, inputs, sums);
  }
}

#else

static void products(const int16_t *codes, size_t rows, const int16_t *pairs, size_t outputs,
                     size_t inputs, int32_t *sums) {
  const size_t stride = stride_of(outputs);
  for (size_t row = 0; row < rows; row++, codes += inputs, sums += outputs) {
    memset(sums, 0, outputs * sizeof *sums);
    for (size_t input = 0; input < inputs; input++) {
      const int16_t *weights = pairs + input / 2 * stride * 2 + input % 2;
      for (size_t output = 0; output < outputs; output++) {
        sums[output] = (int32_t)((uint32_t)sums[output] +
                                 (uint32_t)(codes[input] * weights[2 * output]));
      }
    }
  }
}

#endif

void nnq_code_products(const int16_t *codes, size_t rows, const int8_t *weights, size_t outputs,
                       size_t inputs, int16_t *room, int32_t *sums) {
  const size_t stride = stride_of(outputs);
  memset(room, 0, nnq_code_products_room(outputs, inputs) * sizeof *room);
  for (size_t output = 0; output < outputs; output++) {
    for (size_t input = 0; input < inputs; input++) {
      room[(input / 2 * stride + output) * 2 + input % 2] = weights[output * inputs + input];
    }
  }
  products(codes, rows, room, outputs, inputs, sums);
}
