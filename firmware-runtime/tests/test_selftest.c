/* SPDX-License-Identifier: Apache-2.0 */

/* The self-test at boot: a bit that flips in flash after the image was loaded, as its checksum would
 * tell on the next load, and a kernel that computes something else. */

#include "check.h"
#include "image_writer.h"
#include "nnq.h"

#if NNQ_HAS_SELFTEST

/* A network whose codes are all different from their neighbours', so that hardly a bit is idle. */
static spec *lively_spec(void) {
  spec *s = random_spec(61, 4, 2, (int[]){4, 8, 3}, (int[]){8, 8, 8});
  uint64_t seed = 62;
  s->has_counts = 0;
  s->vectors = 64;
  for (int l = 0; l < 2; l++) {
    layer_spec *layer = &s->layer[l];
    layer->low = -128;
    layer->high = 127;
    layer->table_kind = l == 0 && NNQ_HAS_TABLES;
    for (int i = 0; i < 256; i++) layer->table[i] = (int8_t)(i * 37);
    for (int o = 0; o < layer->outputs; o++) {
      layer->shift[o] = 38;
      layer->bias[o] = (int32_t)random_in(&seed, -2000, 2000);
      layer->multiplier[o] = (int32_t)random_in(&seed, 1 << 30, INT32_MAX);
    }
  }
  return s;
}

typedef struct flips {
  long weights, found_weights, table, found_table;
} flips;

/* Flips each bit of the weights and the first layer's table, behind the loader's back. */
static void flip_all(const spec *s, flips *count) {
  image file = write_image(s);
  nnq_model model;
  CHECK_EQUAL(nnq_load(&model, file.bytes, file.size), NNQ_OK);
  int8_t input[4], output[3];
  uint32_t arena[4];
  CHECK(nnq_arena_bytes(&model) <= sizeof arena);
  CHECK_EQUAL(nnq_selftest(&model, input, output, arena, sizeof arena), NNQ_OK);
  size_t weights = file.payload[1] + 8 + 2 * 24 + 8 * 8 + 8;
  size_t table = weights + 4 * 8;
  for (size_t bit = 8 * weights; bit < 8 * (table + (s->layer[0].table_kind ? 256 : 0)); bit++) {
    file.bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
    uint32_t layer = 9;
    nnq_status status = nnq_selftest_layer(&model, input, output, arena, sizeof arena, &layer);
    int is_found = status == NNQ_ERROR_MISMATCH;
    CHECK(is_found || status == NNQ_OK);
    CHECK_EQUAL(layer, is_found ? 0 : 2);
    file.bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
    if (bit < 8 * table) {
      count->weights++;
      count->found_weights += is_found;
    } else {
      count->table++;
      count->found_table += is_found;
    }
  }
  CHECK_EQUAL(nnq_selftest(&model, input, output, arena, sizeof arena), NNQ_OK);
  free(file.bytes);
}

/* A vector is 4 input codes, 3 output codes, a zero and 2 digests. Here some digests and
 * output codes are not what the model computes. */
static void first_bad_layers(const spec *s) {
  image file = write_image(s);
  nnq_model model;
  int8_t input[4], output[3];
  uint32_t arena[4], layer = 9;
  size_t vector = file.payload[0] + 8;
  static const struct {
    size_t at[2]; /* both are changed */
    uint32_t layer;
  } cases[] = {{{8, 9}, 0},  {{12, 13}, 1}, {{4, 5}, 1},   {{4, 8}, 0},   {{8, 12}, 0},
               {{12, 24}, 0}, {{8, 28}, 0},  {{12, 28}, 1}, {{6, 22}, 1}, {{4, 24}, 0}};
  CHECK_EQUAL(nnq_load(&model, file.bytes, file.size), NNQ_OK);
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    for (int k = 0; k < 2; k++) file.bytes[vector + cases[i].at[k]] ^= (uint8_t)(16 << k);
    layer = 9;
    CHECK_EQUAL(nnq_selftest_layer(&model, input, output, arena, sizeof arena, &layer),
                NNQ_ERROR_MISMATCH);
    CHECK_EQUAL(layer, cases[i].layer);
    CHECK_EQUAL(nnq_selftest(&model, input, output, arena, sizeof arena), NNQ_ERROR_MISMATCH);
    for (int k = 0; k < 2; k++) file.bytes[vector + cases[i].at[k]] ^= (uint8_t)(16 << k);
  }
  CHECK_EQUAL(nnq_selftest_layer(NULL, input, output, arena, sizeof arena, &layer), NNQ_ERROR_NULL);
  free(file.bytes);
}

/* The input codes of each vector, and none past the last or of an image that has none. */
static void inputs_of_vectors(void) {
  int widths[2] = {8, NNQ_HAS_INT16 ? 16 : 8};
  for (int k = 0; k < 2; k++) {
    spec *s = random_spec(64, 3, 1, (int[]){3, 2}, (int[]){widths[k], 8});
    s->vectors = 3;
    image file = write_image(s);
    nnq_model model;
    CHECK_EQUAL(nnq_load(&model, file.bytes, file.size), NNQ_OK);
    int16_t input[3];
    uint32_t count = 0;
    while (nnq_selftest_input(&model, count, input) == NNQ_OK) {
      const uint8_t *stored = file.bytes + file.payload[0] + 8 + count * (uint32_t)(widths[k] / 2 + 4 + 4);
      for (int i = 0; i < 3; i++) { /* low byte first, whatever this machine's order */
        int is_narrow = widths[k] == 8;
        int code = is_narrow ? stored[i] ^ 0x80 : (stored[2 * i] | stored[2 * i + 1] << 8) ^ 0x8000;
        int found = is_narrow ? ((int8_t *)input)[i] + 0x80 : input[i] + 0x8000;
        CHECK_EQUAL(found, code);
      }
      count++;
    }
    CHECK_EQUAL(count, 3);
    CHECK_EQUAL(nnq_selftest_input(&model, UINT32_MAX, input), NNQ_ERROR_UNDEFINED);
    CHECK_EQUAL(nnq_selftest_input(NULL, 0, input), NNQ_ERROR_NULL);
    CHECK_EQUAL(nnq_selftest_input(&model, 0, NULL), NNQ_ERROR_NULL);
    model.selftest = NULL;
    CHECK_EQUAL(nnq_selftest_input(&model, 0, input), NNQ_ERROR_UNDEFINED);
    free(file.bytes);
    free_spec(s);
  }
}

void test_selftest(void) {
  inputs_of_vectors();
  spec *s = lively_spec();
  flips count = {0, 0, 0, 0};
  flip_all(s, &count);
  /* The lowest bit of a weight changes a code only where the sum is near a tie; 64 vectors meet
   * all but a few. Of a table only the entries are seen that a vector looks up: 8 x 64 look-ups
   * of 256 leave e^-2 of them, were they even. */
  CHECK_EQUAL(count.weights, 8 * 4 * 8);
  CHECK(count.found_weights * 100 >= count.weights * 95);
  CHECK(count.found_table * 100 >= count.table * 60);
  first_bad_layers(s);
  free_spec(s);
}

#else

/* A build without the self-test answers that there is none. */
void test_selftest(void) {
  nnq_model model = {0};
  int8_t input[1];
  CHECK_EQUAL(nnq_selftest_input(&model, 0, input), NNQ_ERROR_UNDEFINED);
}

#endif
