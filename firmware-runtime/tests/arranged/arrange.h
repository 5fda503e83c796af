/* SPDX-License-Identifier: Apache-2.0 */

/* Writes images whose weights are arranged for one kind of device, NNQ_LAYOUT, and the networks that
 * such an image may hold. */

#ifndef ARRANGE_H
#define ARRANGE_H

#include "../image_writer.h"
#include "../../src/layer.h"

static int32_t weight_of(const layer_spec *layer, int inputs, int o, int i) {
  return o < layer->outputs && i < inputs ? layer->weights[o * inputs + i] : 0;
}

static int32_t entry(const layer_spec *layer, const int32_t *values, int o, int32_t filler) {
  return o < layer->outputs ? values[o] : filler;
}

static int shift_of(const layer_spec *layer, int o) {
  return o < layer->outputs ? layer->shift[o] : 33;
}

/* The data of a dense layer, in groups of four rows. */
static void write_groups(const layer_spec *layer, int inputs, image *out) {
  for (int o = 0; o < layer->outputs; o += 4) {
#if NNQ_LAYOUT == 1
    for (int r = 0; r < 4; r += 2) put(out, entry(layer, layer->bias, o + r, 0), 4);
    for (int i = 0; i < (inputs + 7) / 8 * 8; i += 4) {
      static const int order[4] = {0, 2, 1, 3};
      for (int n = 0; n < 8; n++) {
        int column = i + order[n % 4], row = o + n / 4 * 2;
        put(out, 256 * weight_of(layer, inputs, row + 1, column) +
                     weight_of(layer, inputs, row, column), 2);
      }
    }
    for (int r = 1; r < 4; r += 2) put(out, entry(layer, layer->bias, o + r, 0), 4);
#else
    for (int r = 0; r < 4; r++) put(out, entry(layer, layer->bias, o + r, 0), 4);
    for (int i = 0; i < (inputs + 15) / 16 * 16; i += 16) {
      for (int n = 0; n < 64; n++) put(out, weight_of(layer, inputs, o + n / 16, i + n % 16), 1);
    }
#endif
    for (int r = 0; r < 4; r++) put(out, entry(layer, layer->multiplier, o + r, 1 << 30), 4);
    for (int r = 0; r < 4; r++) {
      int shift = shift_of(layer, o + r);
      put(out, NNQ_LAYOUT == 1 ? shift - 33 : 32 - shift, 1);
    }
  }
}

/* The portable image with its layers arranged, all or those of a mask. */
static image arrange(const spec *s, const image *portable, uint32_t mask) {
  image out = {0};
  size_t start = 24, data = start + NNQ_NETWORK_HEAD_BYTES + NNQ_RECORD_BYTES * (size_t)s->layers;
  for (size_t i = 0; i < data; i++) put(&out, portable->bytes[i], 1);
  out.bytes[6] = NNQ_LAYOUT;
  for (int l = 0, inputs = s->inputs; l < s->layers; inputs = s->layer[l++].outputs) {
    if (mask >> l & 1) {
      out.bytes[start + NNQ_NETWORK_HEAD_BYTES + NNQ_RECORD_BYTES * (size_t)l + 5] = 1;
      write_groups(&s->layer[l], inputs, &out);
    } else {
      write_data(&s->layer[l], inputs, &out);
    }
  }
  end_section(&out, start);
  for (size_t i = portable->payload[2] - 8; i < portable->size; i++) {
    put(&out, portable->bytes[i], 1);
  }
  repair(out.bytes, out.size);
  return out;
}

/* A network of 8-bit layers without tables, and of rows that both layouts hold. */
static spec *plain_spec(uint64_t seed, int layers, int most) {
  int width[MOST_LAYERS + 1], bits[MOST_LAYERS + 1];
  for (int l = 0; l <= layers; l++) {
    width[l] = (int)random_in(&seed, 1, most);
    bits[l] = 8;
  }
  spec *s = random_spec(random_bits(&seed), 4, layers, width, bits);
  s->vectors = s->has_counts = 0;
  for (int l = 0; l < layers; l++) {
    s->layer[l].table_kind = 0;
    for (int o = 0; o < s->layer[l].outputs; o++) {
      s->layer[l].shift[o] = (uint8_t)random_in(&seed, 33, 50);
    }
  }
  return s;
}

/* One such layer whose weights, biases, multipliers and shifts are each the same throughout. */
static spec *even_spec(int inputs, int outputs, int8_t weight, int32_t bias, uint8_t shift) {
  spec *s = plain_spec(35, 1, 1);
  layer_spec *layer = &s->layer[0];
  s->inputs = inputs;
  layer->outputs = outputs;
  free(layer->weights);
  layer->weights = allocate((size_t)(outputs * inputs));
  memset(layer->weights, weight, (size_t)(outputs * inputs));
  for (int o = 0; o < outputs; o++) {
    layer->bias[o] = bias;
    layer->multiplier[o] = INT32_MAX;
    layer->shift[o] = shift;
    s->output[o] = s->output[0];
  }
  return s;
}

#endif
