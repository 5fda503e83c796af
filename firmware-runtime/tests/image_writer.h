/* SPDX-License-Identifier: Apache-2.0 */

/* Writes flat images, independently of the runtime: from a description to bytes, with no check of
 * anything, so that wrong images can be written too. */

#ifndef IMAGE_WRITER_H
#define IMAGE_WRITER_H

#include <string.h>

#include "check.h"
#include "oracle.h"

typedef struct image {
  uint8_t *bytes;
  size_t size, capacity;
  /* Where the payload of each section starts, by the low byte of its type; 0x8001 at 0. */
  size_t payload[5];
} image;

static inline uint32_t crc_of(uint32_t state, const uint8_t *bytes, size_t count) {
  static uint32_t table[256];
  if (table[1] == 0) {
    for (uint32_t i = 0; i < 256; i++) {
      uint32_t c = i;
      for (int k = 0; k < 8; k++) c = c & 1 ? c >> 1 ^ UINT32_C(0x82F63B78) : c >> 1;
      table[i] = c;
    }
  }
  while (count-- > 0) state = state >> 8 ^ table[(state ^ *bytes++) & 255];
  return state;
}

static inline void put(image *out, int64_t value, int bytes) {
  if (out->size + 8 > out->capacity) {
    out->capacity = out->capacity * 2 + 4096;
    out->bytes = realloc(out->bytes, out->capacity);
    if (!out->bytes) exit(70);
  }
  for (int i = 0; i < bytes; i++) out->bytes[out->size++] = (uint8_t)((uint64_t)value >> 8 * i);
}

static inline void pad(image *out, size_t multiple) {
  while (out->size % multiple) put(out, 0, 1);
}

static inline void patch(uint8_t *bytes, size_t at, int64_t value, int count) {
  for (int i = 0; i < count; i++) bytes[at + (size_t)i] = (uint8_t)((uint64_t)value >> 8 * i);
}

static inline void repair_crc(uint8_t *bytes, size_t size) {
  if (size < 16) return;
  uint32_t crc = crc_of(UINT32_MAX, bytes, 12);
  patch(bytes, 12, ~crc_of(crc, bytes + 16, size - 16), 4);
}

static inline void repair(uint8_t *bytes, size_t size) {
  if (size < 16) return;
  patch(bytes, 8, (int64_t)size, 4);
  repair_crc(bytes, size);
}

static inline size_t begin_section(image *out, int type) {
  put(out, type, 2);
  put(out, 0, 2);
  put(out, 0, 4);
  if (type <= 4) out->payload[type] = out->size;
  if (type == 0x8001) out->payload[0] = out->size;
  return out->size;
}

static inline void end_section(image *out, size_t start) {
  patch(out->bytes, start - 4, (int64_t)(out->size - start), 4);
  pad(out, 8);
}

static inline void put_codes(image *out, const int16_t *codes, int count, int bits) {
  for (int i = 0; i < count; i++) put(out, codes[i], bits / 8);
}

static inline void write_rows(const layer_spec *layer, int inputs, image *out) {
  for (int o = 0; o < layer->outputs; o++) put(out, layer->bias[o], 4);
  for (int o = 0; o < layer->outputs; o++) put(out, layer->multiplier[o], 4);
  for (int o = 0; o < layer->outputs; o++) put(out, layer->shift[o], 1);
  pad(out, 4);
  int columns = layer->operation == 2 ? 1 : inputs;
  for (int o = 0; o < layer->outputs; o++) {
    const int8_t *row = layer->weights + o * columns;
    if (layer->operation == 2 || layer->weight_bits == 8) {
      for (int i = 0; i < columns; i++) put(out, row[i], 1);
    } else {
      for (int i = 0; i < columns; i += 2) {
        int high = i + 1 < columns ? row[i + 1] : 0;
        put(out, (row[i] & 15) | (high & 15) << 4, 1);
      }
    }
  }
  pad(out, 4);
  if (layer->operation == 2) put(out, (int64_t)layer->epsilon, 8);
}

static inline void write_data(const layer_spec *layer, int inputs, image *out) {
  if (layer->operation <= 2) {
    write_rows(layer, inputs, out);
  } else {
    if (layer->operation == 3) put(out, layer->bias[0], 4);
    put(out, layer->multiplier[0], 4);
    put(out, layer->shift[0], 4);
    put(out, layer->operation == 3 ? layer->gain : layer->first_zero, 2);
    put(out, layer->operation == 3 ? layer->source_gain : layer->second_zero, 2);
  }
  for (int i = 0; layer->table_kind == 1 && i < 256; i++) put(out, layer->table[i], 1);
  for (int i = 0; layer->table_kind == 2 && i < 513; i++) put(out, layer->table16[i], 2);
  pad(out, 4);
}

static inline void write_network(const spec *s, image *out) {
  size_t start = begin_section(out, 0x0001);
  put(out, s->inputs, 2);
  put(out, s->layers, 2);
  put(out, s->input_bits, 4);
  for (int l = 0, inputs = s->inputs; l < s->layers; inputs = s->layer[l++].outputs) {
    const layer_spec *layer = &s->layer[l];
    put(out, layer->operation, 1);
    put(out, layer->operation == 1 ? layer->weight_bits : 0, 1);
    put(out, layer->bits, 1);
    put(out, layer->activation, 1);
    put(out, layer->table_kind, 4);
    put(out, inputs, 2);
    put(out, layer->outputs, 2);
    put(out, layer->zero_point, 2);
    put(out, layer->low, 2);
    put(out, layer->high, 2);
    put(out, layer->operation == 3 ? layer->source : 0, 6);
  }
  for (int l = 0, inputs = s->inputs; l < s->layers; inputs = s->layer[l++].outputs) {
    write_data(&s->layer[l], inputs, out);
  }
  end_section(out, start);
}

static inline void write_selftest(const spec *s, image *out) {
  uint64_t seed = 77;
  int16_t *tensor[MOST_LAYERS + 1];
  for (int l = 0; l <= s->layers; l++) tensor[l] = allocate(sizeof(int16_t) * MOST_OUTPUTS);
  const layer_spec *last = &s->layer[s->layers - 1];
  size_t start = begin_section(out, 0x8001);
  put(out, s->vectors, 8);
  for (int v = 0; v < s->vectors; v++) {
    for (int i = 0; i < s->inputs; i++) {
      tensor[0][i] =
          (int16_t)random_in(&seed, lowest_code(s->input_bits), highest_code(s->input_bits));
    }
    oracle_network(s, tensor);
    put_codes(out, tensor[0], s->inputs, s->input_bits);
    pad(out, 4);
    put_codes(out, tensor[s->layers], last->outputs, last->bits);
    pad(out, 4);
    for (int l = 0; l < s->layers; l++) {
      image codes = {0};
      put_codes(&codes, tensor[l + 1], s->layer[l].outputs, s->layer[l].bits);
      put(out, ~crc_of(UINT32_MAX, codes.bytes, codes.size), 4);
      free(codes.bytes);
    }
  }
  end_section(out, start);
  for (int l = 0; l <= s->layers; l++) free(tensor[l]);
}

static inline image write_image(const spec *s) {
  image out = {0};
  put(&out, INT64_C(0x514E4E8E), 4);
  put(&out, 'F', 1);
  put(&out, 1, 3);
  put(&out, 0, 8);
  write_network(s, &out);

  int outputs = s->layer[s->layers - 1].outputs;
  size_t start = begin_section(&out, 0x0002);
  put(&out, s->task, 1);
  put(&out, s->has_probabilities, 1);
  put(&out, outputs, 2);
  put(&out, s->has_probabilities ? s->probability_multiplier : 0, 4);
  put(&out, s->has_probabilities ? s->probability_shift : 0, 8);
  put(&out, s->score_threshold, 8);
  for (int o = 0; o < outputs; o++) {
    put(&out, s->output[o].origin, 4);
    put(&out, s->output[o].multiplier, 4);
    put(&out, s->output[o].exponent, 2);
    put(&out, 0, 2);
    put(&out, s->output[o].threshold, 4);
  }
  end_section(&out, start);
  if (s->has_counts) {
    start = begin_section(&out, 0x0003);
    for (int i = 0; i < s->inputs; i++) {
      put(&out, s->count[i].low, 4);
      put(&out, s->count[i].high, 4);
      put(&out, s->count[i].offset, 4);
      put(&out, s->count[i].multiplier, 4);
      put(&out, s->count[i].shift, 2);
      put(&out, s->count[i].zero_point, 2);
    }
    end_section(&out, start);
  }
  if (s->task == 5) {
    start = begin_section(&out, 0x0004);
    for (int i = 0; i < s->inputs; i++) {
      put(&out, s->score[i].origin, 4);
      put(&out, s->score[i].multiplier, 4);
      put(&out, s->score[i].shift, 4);
    }
    end_section(&out, start);
  }
  if (s->vectors) write_selftest(s, &out);
  repair(out.bytes, out.size);
  return out;
}

/* A random network of the given widths (width[0] inputs) and code bits (bits[0] of the input) that
 * fulfils every rule of the format, of the parts that this build holds: 8 bits stand for 16 that
 * were left out, and regression for anomaly. */
static inline spec *random_spec(uint64_t seed, int task, int layers, const int *width,
                                const int *wanted_bits) {
  int bits[MOST_LAYERS + 1];
  for (int l = 0; l <= layers; l++) bits[l] = NNQ_HAS_INT16 ? wanted_bits[l] : 8;
  if (!NNQ_HAS_SCORE && task == 5) task = 4;
  spec *s = allocate(sizeof *s);
  memset(s, 0, sizeof *s);
  s->inputs = width[0];
  s->input_bits = bits[0];
  s->layers = layers;
  s->task = task;
  for (int l = 0; l < layers; l++) {
    layer_spec *layer = &s->layer[l];
    int inputs = width[l];
    layer->operation = 1;
    layer->weight_bits = 8;
    layer->outputs = width[l + 1];
    layer->bits = bits[l + 1];
    layer->activation = (int)random_in(&seed, 0, 3);
    layer->table_kind = layer->bits == 8 && random_in(&seed, 0, 2) == 0;
    if (!NNQ_HAS_TABLES) layer->table_kind = 0;
    layer->zero_point = layer->bits == 8 ? (int)random_in(&seed, -128, 127) : 0;
    layer->low = (int)random_in(&seed, lowest_code(layer->bits), 0);
    layer->high = (int)random_in(&seed, layer->low, highest_code(layer->bits));
    layer->weights = allocate((size_t)(inputs * layer->outputs));
    for (int i = 0; i < 256; i++) layer->table[i] = (int8_t)random_in(&seed, -128, 127);
    for (int o = 0; o < layer->outputs; o++) {
      int64_t magnitude = bits[l] == 8 ? 128 : 32768;
      int64_t room = bits[l] == 8 ? 8000000 : 65535;
      int64_t sum = 0;
      for (int i = 0; i < inputs; i++) {
        int64_t most = room - sum < 127 ? room - sum : 127;
        int64_t weight = random_in(&seed, -most, most);
        layer->weights[o * inputs + i] = (int8_t)weight;
        sum += weight < 0 ? -weight : weight;
      }
      int64_t bias = (INT64_C(1) << 31) - 1 - sum * magnitude;
      bias = bias < INT64_C(1) << 30 ? bias : INT64_C(1) << 30;
      if (random_in(&seed, 0, 9) != 0) bias = bias < 9000 ? bias : 9000;
      layer->bias[o] = (int32_t)random_in(&seed, -bias, bias);
      layer->multiplier[o] = (int32_t)random_in(&seed, INT64_C(1) << 30, INT32_MAX);
      layer->shift[o] = (uint8_t)(random_in(&seed, 0, 9) == 0 ? random_in(&seed, 1, 62)
                                                                : random_in(&seed, 34, 50));
    }
  }
  int output_bits = bits[layers];
  s->has_probabilities = task <= 3;
  s->probability_multiplier = (int32_t)random_in(&seed, INT64_C(1) << 30, INT32_MAX);
  s->probability_shift = (int)random_in(&seed, 18, 30);
  s->score_threshold = task == 5 ? random_in(&seed, 0, 1 << 20) : 0;
  for (int o = 0; o < width[layers]; o++) {
    s->output[o].origin =
        (int32_t)random_in(&seed, lowest_code(output_bits), highest_code(output_bits));
    s->output[o].multiplier = (int32_t)random_in(&seed, INT64_C(1) << 30, INT32_MAX);
    s->output[o].exponent = (int32_t)random_in(&seed, -1000, 1000);
    s->output[o].threshold = task == 1 || task == 3 ? (int32_t)random_in(&seed, -40, 40) : 0;
  }
  s->has_counts = NNQ_HAS_COUNTS;
  for (int i = 0; i < width[0]; i++) {
    s->count[i].low = (int32_t)random_in(&seed, -100000, 0);
    s->count[i].high = (int32_t)random_in(&seed, 0, 100000);
    s->count[i].offset = (int32_t)random_in(&seed, -100000, 100000);
    s->count[i].multiplier = (int32_t)random_in(&seed, INT64_C(1) << 30, INT32_MAX);
    s->count[i].shift = (int32_t)random_in(&seed, 32, 45);
    s->count[i].zero_point =
        bits[0] == 16 ? 0 : (int32_t)random_in(&seed, lowest_code(8), highest_code(8));
    s->score[i].origin = (int32_t)random_in(&seed, -200, 200);
    s->score[i].multiplier = (int32_t)random_in(&seed, INT64_C(1) << 30, INT32_MAX);
    s->score[i].shift = (int32_t)random_in(&seed, 28, 36);
  }
  s->vectors = NNQ_HAS_SELFTEST ? 2 : 0;
  return s;
}

static inline void free_spec(spec *s) {
  for (int l = 0; l < s->layers; l++) free(s->layer[l].weights);
  free(s);
}

/* A network of one dense layer, with nothing beside it. */
static inline spec *one_layer(uint64_t seed, int inputs, int outputs, int from, int to) {
  spec *s = random_spec(seed, 4, 1, (int[]){inputs, outputs}, (int[]){from, to});
  s->vectors = 0;
  s->has_counts = 0;
  return s;
}

/* A small network for each task; 1 ... 5, with 16-bit codes where the task is even. */
static inline spec *sample_spec(int task) {
  static const int widths[5][4] = {
      {3, 5, 4, 1}, {5, 6, 7, 3}, {4, 3, 5, 2}, {2, 5, 3, 3}, {6, 3, 5, 6}};
  static const int bits[5][4] = {
      {8, 8, 8, 8}, {16, 8, 16, 16}, {8, 16, 8, 8}, {16, 16, 16, 16}, {8, 8, 8, 16}};
  return random_spec((uint64_t)task, task, 3, widths[task - 1], bits[task - 1]);
}

#endif
