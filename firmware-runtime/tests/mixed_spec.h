/* SPDX-License-Identifier: Apache-2.0 */

/* Random networks of all operations, weights and tables that this build holds. They fulfil every
 * rule of the format. */

#ifndef MIXED_SPEC_H
#define MIXED_SPEC_H

#include "image_writer.h"

/* Zero point and clamp of a requantized code of so many bits. */
static inline void make_codes(layer_spec *layer, int bits, uint64_t *seed) {
  int is_open = random_in(seed, 0, 2) > 0;
  layer->zero_point = bits == 8 ? (int)random_in(seed, -128, 127) : 0;
  layer->low = is_open ? lowest_code(bits) : (int)random_in(seed, lowest_code(bits), 0);
  layer->high = is_open ? highest_code(bits) : (int)random_in(seed, layer->low, highest_code(bits));
}

static inline void make_table16(layer_spec *layer, uint64_t *seed) {
  layer->table_kind = 2;
  int64_t at = random_in(seed, -32768, 32767);
  int is_wild = random_in(seed, 0, 1) == 0;
  for (int i = 0; i < 513; i++) {
    at = is_wild ? random_in(seed, -32768, 32767)
                 : oracle_clamp(at + random_in(seed, -400, 400), -32768, 32767);
    layer->table16[i] = (int16_t)at;
  }
}

/* Any table that the bits allow: those of the codes that are looked up, and of what comes out. */
static inline void make_table(layer_spec *layer, int from, int to, uint64_t *seed) {
  layer->table_kind = 0;
  if (!NNQ_HAS_TABLES) return;
  int kind = (int)random_in(seed, 0, 2);
  if (kind == 1 && to == 8 && from != 16) layer->table_kind = 1;
  if (kind == 2 && from != 8 && NNQ_HAS_INT16) make_table16(layer, seed);
}

static inline void make_layer_norm(layer_spec *layer, uint64_t *seed) {
  layer->operation = 2;
  layer->epsilon = random_bits(seed) >> random_in(seed, 2, 63);
  if (layer->epsilon == 0) layer->epsilon = 1;
  for (int o = 0; o < layer->outputs; o++) {
    layer->weights[o] = (int8_t)random_in(seed, -127, 127);
    int64_t bias = random_in(seed, 0, 3) == 0 ? 1 << 30 : 1 << 22;
    layer->bias[o] = (int32_t)random_in(seed, -bias, bias);
    layer->shift[o] = (uint8_t)random_in(seed, layer->bits == 8 ? 44 : 36, 50);
  }
}

static inline void make_add(layer_spec *layer, int source, uint64_t *seed) {
  int64_t most = random_in(seed, 0, 3) == 0 ? (1 << 30) - 1 : 1 << 20;
  layer->operation = 3;
  layer->source = source;
  layer->gain = random_in(seed, 0, 4) == 0 ? -16384 : (int)random_in(seed, -16384, 16384);
  layer->source_gain = random_in(seed, 0, 4) == 0 ? 16384 : (int)random_in(seed, -16384, 16384);
  layer->bias[0] = (int32_t)random_in(seed, -most, most);
  layer->shift[0] = (uint8_t)random_in(seed, 36, 52);
}

static inline void make_gate(layer_spec *layer, int from, uint64_t *seed) {
  layer->operation = 4;
  layer->first_zero = from == 8 ? (int)random_in(seed, -128, 127) : 0;
  layer->second_zero = from == 8 ? (int)random_in(seed, -128, 127) : 0;
  layer->shift[0] = (uint8_t)(from == 8 ? random_in(seed, 30, 42) : random_in(seed, 40, 56));
}

static inline void make_narrow(layer_spec *layer, int inputs, uint64_t *seed) {
  layer->weight_bits = 4;
  for (int i = 0; i < layer->outputs * inputs; i++) {
    layer->weights[i] = (int8_t)random_in(seed, -7, 7);
  }
}

/* A network of so many layers; the widths are at most `most`. */
static inline spec *mixed_spec(uint64_t seed, int layers, int most) {
  int width[MOST_LAYERS + 1], bits[MOST_LAYERS + 1], operation[MOST_LAYERS], source[MOST_LAYERS];
  static const int is_held[5] = {NNQ_HAS_INT4, 1, NNQ_HAS_LAYER_NORM, NNQ_HAS_ADD, NNQ_HAS_GATE};
  int after_add = 0;
  width[0] = (int)random_in(&seed, 1, most);
  bits[0] = random_in(&seed, 0, 1) && NNQ_HAS_INT16 ? 16 : 8;
  for (int l = 0; l < layers; l++) {
    int n = width[l];
    bits[l + 1] = random_in(&seed, 0, 1) && NNQ_HAS_INT16 ? 16 : 8;
    operation[l] = (int)random_in(&seed, 0, 4);
    source[l] = 0;
    if (!is_held[operation[l]]) operation[l] = 1;
    if (operation[l] == 3) {
      operation[l] = 1;
      for (int k = 0; k < 8 && l > after_add; k++) {
        int s = (int)random_in(&seed, after_add, l - 1);
        if (width[s] != n || operation[l] == 3) continue;
        operation[l] = 3;
        source[l] = s;
      }
      if (operation[l] == 3) after_add = l + 1;
    }
    if (operation[l] == 2 && n < 2) operation[l] = 1;
    if (operation[l] == 4 && n % 2) operation[l] = NNQ_HAS_INT4 ? 0 : 1;
    width[l + 1] = operation[l] > 1 ? n : (int)random_in(&seed, 1, most);
    if (operation[l] == 4) width[l + 1] = n / 2;
    /* Widths meet again, so that adds find a source. */
    if (operation[l] < 2 && random_in(&seed, 0, 2) > 0) {
      width[l + 1] = width[random_in(&seed, 0, l)];
    }
  }
  spec *s = random_spec(random_bits(&seed), 4, layers, width, bits);
  for (int l = 0; l < layers; l++) {
    layer_spec *layer = &s->layer[l];
    layer->activation = (int)random_in(&seed, 0, 9);
    if (operation[l] == 0) make_narrow(layer, width[l], &seed);
    if (operation[l] == 2) make_layer_norm(layer, &seed);
    if (operation[l] == 3) make_add(layer, source[l], &seed);
    if (operation[l] == 4) make_gate(layer, bits[l], &seed);
    if (operation[l] == 4) make_table(layer, bits[l], bits[l], &seed);
    else make_table(layer, 0, layer->bits, &seed);
    int looked_up = layer->table_kind == 2 && operation[l] != 4 ? 16 : layer->bits;
    make_codes(layer, looked_up, &seed);
    if (looked_up == 16 && operation[l] < 2 && random_in(&seed, 0, 1)) {
      for (int o = 0; o < layer->outputs; o++) layer->shift[o] = (uint8_t)random_in(&seed, 30, 40);
    }
  }
  return s;
}

#endif
