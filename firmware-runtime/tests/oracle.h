/* SPDX-License-Identifier: Apache-2.0 */

/* The definition of every operation in 128 bits, with divisions instead of shifts. */

#ifndef ORACLE_H
#define ORACLE_H

#include "spec.h"

__extension__ typedef __int128 wide;

static inline wide oracle_floor(wide x, wide divisor) {
  wide quotient = x / divisor;
  return x % divisor < 0 ? quotient - 1 : quotient;
}

/* Exactly floor((x * m + 2^(s-1)) / 2^s). */
static inline int64_t oracle_requantize(int64_t x, int64_t m, int s) {
  wide divisor = (wide)1 << s;
  return (int64_t)oracle_floor((wide)x * m + divisor / 2, divisor);
}

static inline int64_t oracle_clamp(int64_t x, int64_t low, int64_t high) {
  return x < low ? low : x > high ? high : x;
}

static inline int64_t oracle_table16(const layer_spec *layer, int64_t code) {
  int64_t i = (code + 32768) / 128, f = (code + 32768) % 128;
  int64_t rise = layer->table16[i + 1] - layer->table16[i];
  return layer->table16[i] + (int64_t)oracle_floor(rise * f + 64, 128);
}

static inline int64_t oracle_code(const layer_spec *layer, int64_t sum, int k) {
  int64_t code = oracle_requantize(sum, layer->multiplier[k], layer->shift[k]);
  return oracle_clamp(layer->zero_point + code, layer->low, layer->high);
}

static inline int16_t oracle_finish(const layer_spec *layer, int64_t sum, int k) {
  int64_t code = oracle_code(layer, sum, k);
  if (layer->table_kind == 1) code = layer->table[code + 128];
  if (layer->table_kind == 2) {
    code = oracle_table16(layer, code);
    if (layer->bits == 8) code = oracle_clamp((int64_t)oracle_floor(code + 128, 256), -128, 127);
  }
  return (int16_t)code;
}

static inline wide oracle_root(wide x) {
  wide low = 0, high = (wide)1 << 33; /* low^2 <= x < high^2 */
  while (high - low > 1) {
    wide middle = (low + high) / 2;
    if (middle * middle <= x) low = middle;
    else high = middle;
  }
  return low;
}

static inline void oracle_norm(const layer_spec *layer, const int16_t *x, int16_t *y) {
  wide n = layer->outputs, sum = 0, squares = 0;
  for (int i = 0; i < n; i++) {
    sum += x[i];
    squares += (wide)x[i] * x[i];
  }
  wide v = n * squares - sum * sum + layer->epsilon, factor = 1;
  while (v < (wide)1 << 60) {
    v *= 4;
    factor *= 2;
  }
  wide q = oracle_root(v);
  for (int i = 0; i < n; i++) {
    wide d = n * x[i] - sum;
    wide size = ((d < 0 ? -d : d) * factor * 32768 + q / 2) / q;
    wide z = d < 0 ? -size : size;
    y[i] = oracle_finish(layer, (int64_t)(layer->weights[i] * z) + layer->bias[i], i);
  }
}

/* One layer; source is the tensor that an add takes beside x. */
static inline void oracle_layer(const layer_spec *layer, int inputs, const int16_t *x,
                                const int16_t *source, int16_t *y) {
  if (layer->operation == 2) oracle_norm(layer, x, y);
  for (int o = 0; o < layer->outputs && layer->operation == 1; o++) {
    int64_t sum = layer->bias[o];
    for (int i = 0; i < inputs; i++) sum += (int64_t)layer->weights[o * inputs + i] * x[i];
    y[o] = oracle_finish(layer, sum, o);
  }
  for (int o = 0; o < layer->outputs && layer->operation == 3; o++) {
    int64_t sum = (int64_t)layer->gain * x[o] + (int64_t)layer->source_gain * source[o];
    y[o] = oracle_finish(layer, sum + layer->bias[0], 0);
  }
  for (int o = 0; o < layer->outputs && layer->operation == 4; o++) {
    int64_t first = x[o];
    if (layer->table_kind == 1) first = layer->table[first + 128];
    if (layer->table_kind == 2) first = oracle_table16(layer, first);
    int64_t second = x[layer->outputs + o] - layer->second_zero;
    y[o] = (int16_t)oracle_code(layer, (first - layer->first_zero) * second, 0);
  }
}

/* All layers; tensor[0] is the input, tensor[l + 1] has room for what layer l hands on. */
static inline void oracle_network(const spec *s, int16_t *const *tensor) {
  for (int l = 0, inputs = s->inputs; l < s->layers; inputs = s->layer[l++].outputs) {
    oracle_layer(&s->layer[l], inputs, tensor[l], tensor[s->layer[l].source], tensor[l + 1]);
  }
}

#endif
