// SPDX-License-Identifier: Apache-2.0
#include <string.h>

#include "cpu.h"
#include "nnq_vector.h"

#if defined(__clang__)
#pragma STDC FP_CONTRACT OFF
#endif

enum { BLOCK = 256 };

/* The places of what is not 0 among at most BLOCK values, and how many: no branch has to be guessed. */
static size_t others_than_zero(const float *values, size_t count, uint16_t taken[BLOCK]) {
  size_t takes = 0;
  for (size_t place = 0; place < count && place < BLOCK; place++) {
    taken[takes] = (uint16_t)place;
    takes += values[place] != 0;
  }
  return takes;
}

#define NNQ_FORM(name) name##_base
#define NNQ_ISA
#define NNQ_LANES 4
#include "float_products_body.h"

#if defined(NNQ_X86)

#define NNQ_FORM(name) name##_avx2
#define NNQ_ISA __attribute__((target("avx2")))
#define NNQ_LANES 8
#include "float_products_body.h"

#define NNQ_FORM(name) name##_avx512
#define NNQ_ISA __attribute__((target("avx512f")))
#define NNQ_LANES 16
#include "float_products_body.h"

#endif

void nnq_float_products(const float *values, size_t rows, const float *columns, size_t inputs,
                        size_t outputs, float *sums) {
  size_t done = 0;
#if defined(NNQ_X86)
  if (nnq_this_cpu.avx512) {
    done = products_avx512(values, rows, columns, inputs, outputs, sums, done);
  }
  if (nnq_this_cpu.avx2) {
    done = products_avx2(values, rows, columns, inputs, outputs, sums, done);
  }
#endif
  done = products_base(values, rows, columns, inputs, outputs, sums, done);
  for (size_t row = 0; row < rows; row++, values += inputs, sums += outputs) {
    for (size_t output = done; output < outputs; output++) {
      float sum = sums[output];
      for (size_t input = 0; input < inputs; input++) {
        if (values[input] == 0) continue;
        const float product = values[input] * columns[input * outputs + output];
        sum = sum + product;
      }
      sums[output] = sum;
    }
  }
}
