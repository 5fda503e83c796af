// SPDX-License-Identifier: Apache-2.0
/* nnq_float_products for one width of vectors: included once for each. */

typedef float NNQ_FORM(vector) __attribute__((vector_size(4 * NNQ_LANES)));

/* One row and the outputs of `count` vectors, whose sums stay in registers. */
#define NNQ_SPAN(name, count)                                                                   \
  NNQ_ISA static void NNQ_FORM(name)(const float *row, const float *columns, size_t inputs,     \
                                     size_t outputs, float *sums) {                             \
    NNQ_FORM(vector) sum[count], column;                                                        \
    memcpy(sum, sums, sizeof sum);                                                              \
    for (size_t start = 0; start < inputs; start += BLOCK) {                                    \
      uint16_t taken[BLOCK];                                                                    \
      const size_t takes = others_than_zero(row + start, inputs - start, taken);                \
      for (size_t place = 0; place < takes; place++) {                                          \
        const size_t input = start + taken[place];                                              \
        const float value = row[input];                                                         \
        for (int index = 0; index < count; index++) {                                           \
          memcpy(&column, columns + input * outputs + index * NNQ_LANES, sizeof column);        \
          const NNQ_FORM(vector) product = column * value;                                      \
          sum[index] = sum[index] + product;                                                    \
        }                                                                                       \
      }                                                                                         \
    }                                                                                           \
    memcpy(sums, sum, sizeof sum);                                                              \
  }

NNQ_SPAN(wide, 8)
NNQ_SPAN(narrow, 1)

/* The outputs from `start` on that fill vectors; returns where they end. */
NNQ_ISA static size_t NNQ_FORM(products)(const float *values, size_t rows, const float *columns,
                                         size_t inputs, size_t outputs, float *sums,
                                         size_t start) {
  enum { WIDE = 8 * NNQ_LANES };
  const size_t end = outputs - (outputs - start) % NNQ_LANES;
  for (size_t row = 0; start < end && row < rows; row++, values += inputs, sums += outputs) {
    size_t output = start;
    for (; output + WIDE <= end; output += WIDE) {
      NNQ_FORM(wide)(values, columns + output, inputs, outputs, sums + output);
    }
    for (; output < end; output += NNQ_LANES) {
      NNQ_FORM(narrow)(values, columns + output, inputs, outputs, sums + output);
    }
  }
  return end;
}

#undef NNQ_SPAN
#undef NNQ_FORM
#undef NNQ_ISA
#undef NNQ_LANES
