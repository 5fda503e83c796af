/* SPDX-License-Identifier: Apache-2.0 */

/* The definition of a dense layer: any faster kernel gives the same bits. */

#include "bytes.h"
#include "dense.h"
#include "requantize.h"

static int32_t dot8(int32_t sum, const int8_t *weights, const int8_t *x, uint32_t count) {
  for (uint32_t i = 0; i < count; i++) {
    sum += weights[i] * x[i];
  }
  return sum;
}

static int32_t dot16(int32_t sum, const int8_t *weights, const int16_t *x, uint32_t count) {
  for (uint32_t i = 0; i < count; i++) {
    sum += (int32_t)weights[i] * x[i];
  }
  return sum;
}

void nnq_dense_scalar(const nnq_dense *layer, const void *x, void *y) {
  const int8_t *weights = layer->weights;
  for (uint32_t o = 0; o < layer->outputs; o++) {
    int32_t sum = nnq_i32(layer->bias + 4 * o);
    sum = layer->input_bits == 8 ? dot8(sum, weights, x, layer->inputs)
                                 : dot16(sum, weights, x, layer->inputs);
    int64_t scaled = nnq_requantize(sum, nnq_i32(layer->multiplier + 4 * o), layer->shift[o]);
    int32_t code = nnq_clamp(layer->zero_point + scaled, layer->low, layer->high);
    if (layer->table) {
      code = layer->table[code - INT8_MIN];
    }
    nnq_set_code(y, layer->output_bits, o, code);
    weights += layer->inputs;
  }
}
