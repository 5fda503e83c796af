/* SPDX-License-Identifier: Apache-2.0 */

/* A network in words, with no rule enforced. */

#ifndef SPEC_H
#define SPEC_H

#include <stdint.h>

enum { MOST_LAYERS = 8, MOST_OUTPUTS = 1100 };

typedef struct layer_spec {
  int operation; /* 1 dense, 2 layer norm, 3 add, 4 gate */
  int weight_bits, bits, activation, table_kind, outputs, zero_point, low, high, source;
  int32_t bias[MOST_OUTPUTS], multiplier[MOST_OUTPUTS];
  uint8_t shift[MOST_OUTPUTS];
  int8_t *weights; /* dense: [outputs][inputs]; layer norm: the gains */
  int8_t table[256];
  int16_t table16[513];
  uint64_t epsilon;
  int gain, source_gain;  /* add */
  int first_zero, second_zero; /* gate */
} layer_spec;

typedef struct spec {
  int inputs, layers, input_bits, task;
  layer_spec layer[MOST_LAYERS];
  int has_probabilities, probability_shift;
  int32_t probability_multiplier;
  int64_t score_threshold;
  struct output_spec {
    int32_t origin, multiplier, exponent, threshold;
  } output[MOST_OUTPUTS];
  int has_counts;
  struct count_spec {
    int32_t low, high, offset, multiplier, shift, zero_point;
  } count[MOST_OUTPUTS];
  struct score_spec {
    int32_t origin, multiplier, shift;
  } score[MOST_OUTPUTS];
  int vectors;
} spec;

static inline int lowest_code(int bits) { return -(1 << (bits - 1)); }
static inline int highest_code(int bits) { return (1 << (bits - 1)) - 1; }

#endif
