// SPDX-License-Identifier: Apache-2.0
/* nnq_code_products for one width of vectors: included once for each. */

/* `height` rows and the outputs of `width` vectors, whose sums stay in registers; `taken` of the
 * outputs are there, the others only pad. */
#define NNQ_TILE(name, height, width)                                                             \
  NNQ_ISA static void NNQ_FORM(name)(const int16_t *codes, const int16_t *pairs, size_t inputs,   \
                                     size_t outputs, size_t taken, int32_t *sums) {               \
    NNQ_VECTOR sum[height][width], weights[width];                                                \
    const size_t stride = stride_of(outputs);                                                     \
    for (int row = 0; row < height; row++) {                                                      \
      for (int index = 0; index < width; index++) sum[row][index] = NNQ_ZERO();                   \
    }                                                                                             \
    for (size_t input = 0; input < inputs; input += 2, pairs += 2 * stride) {                     \
      memcpy(weights, pairs, sizeof weights);                                                     \
      for (int row = 0; row < height; row++) {                                                    \
        const int16_t *code = codes + (size_t)row * inputs + input;                               \
        int32_t two = *code;                                                                      \
        if (input + 1 < inputs) memcpy(&two, code, sizeof two);                                   \
        for (int index = 0; index < width; index++) {                                             \
          sum[row][index] = NNQ_MULTIPLY_ADD(sum[row][index], weights[index], NNQ_SAME(two));     \
        }                                                                                         \
      }                                                                                           \
    }                                                                                             \
    for (int row = 0; row < height; row++) {                                                      \
      memcpy(sums + (size_t)row * outputs, sum[row], taken * sizeof *sums);                       \
    }                                                                                             \
  }

NNQ_TILE(tile, ROWS, 4)
NNQ_TILE(column, ROWS, 1)
NNQ_TILE(single, 1, 1)

NNQ_ISA static void NNQ_FORM(products)(const int16_t *codes, size_t rows, const int16_t *pairs,
                                       size_t outputs, size_t inputs, int32_t *sums) {
  enum { LANES = sizeof(NNQ_VECTOR) / 4, WIDE = 4 * LANES };
  for (size_t output = 0; output < outputs;) {
    const size_t left = outputs - output;
    const size_t taken = left >= WIDE ? WIDE : left < LANES ? left : LANES;
    const int16_t *weights = pairs + 2 * output;
    size_t row = 0;
    for (; row + ROWS <= rows; row += ROWS) {
      const int16_t *code = codes + row * inputs;
      int32_t *sum = sums + row * outputs + output;
      if (taken == WIDE) {
        NNQ_FORM(tile)(code, weights, inputs, outputs, WIDE, sum);
      } else {
        NNQ_FORM(column)(code, weights, inputs, outputs, taken, sum);
      }
    }
    for (; row < rows; row++) {
      for (size_t at = 0; at < taken; at += LANES) {
        NNQ_FORM(single)(codes + row * inputs, weights + 2 * at, inputs, outputs,
                         taken < LANES ? taken : LANES, sums + row * outputs + output + at);
      }
    }
    output += taken;
  }
}

#undef NNQ_TILE
#undef NNQ_FORM
#undef NNQ_ISA
#undef NNQ_VECTOR
#undef NNQ_ZERO
#undef NNQ_SAME
#undef NNQ_MULTIPLY_ADD
