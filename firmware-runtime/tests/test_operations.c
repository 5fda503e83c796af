/* SPDX-License-Identifier: Apache-2.0 */

/* One image for each rule that an operation adds, with that rule broken. */

#include "mixed_spec.h"
#include "nnq.h"

enum { NORM, ADD, GATE8, GATE16, NARROW, TABLE16, TWO_ADDS, BASES };

/* Layer norm of 5; dense, dense, add of the first's output, all of 4; gates of 6 with tables of
 * either kind; dense 3-2 with 4-bit weights; dense 1-1 with a 16-bit table; and input, dense, add
 * of the input, dense, add of the first add. */
static spec *base_spec(int base) {
  static const int layers[BASES] = {1, 3, 1, 1, 1, 1, 4};
  static const int widths[BASES][5] = {{5, 5}, {4, 4, 4, 4}, {6, 3}, {6, 3},
                                       {3, 2}, {1, 1},       {4, 4, 4, 4, 4}};
  static const int sixteen[5] = {16, 16, 16, 16, 16}, eight[5] = {8, 8, 8, 8, 8};
  uint64_t seed = 50;
  int is_wide = base == GATE16 || base == TABLE16;
  spec *s = random_spec(7, 4, layers[base], widths[base], is_wide ? sixteen : eight);
  s->has_counts = s->vectors = 0;
  for (int l = 0; l < s->layers; l++) s->layer[l].table_kind = 0;
  if (base == NORM) make_layer_norm(&s->layer[0], &seed);
  if (base == ADD) make_add(&s->layer[2], 1, &seed);
  if (base == GATE8 || base == GATE16) make_gate(&s->layer[0], is_wide ? 16 : 8, &seed);
  if (base == GATE8) s->layer[0].table_kind = 1;
  if (is_wide) make_table16(&s->layer[0], &seed);
  if (base == NARROW) make_narrow(&s->layer[0], 3, &seed);
  if (base == TWO_ADDS) {
    make_add(&s->layer[1], 0, &seed);
    make_add(&s->layer[3], 2, &seed);
  }
  s->layer[0].low = 0;
  s->layer[0].high = 100;
  return s;
}

/* So many bytes at a place of the network section become another value. */
static const struct {
  int base, at, bytes;
  int64_t value;
  nnq_status status;
} faults[] = {
    {NORM, 9, 1, 8, NNQ_ERROR_BITS},
    {NORM, 26, 2, 1, NNQ_ERROR_RESERVED},
    {NORM, 28, 1, 1, NNQ_ERROR_RESERVED},
    {NORM, 31, 1, 1, NNQ_ERROR_RESERVED},
    {NORM, 18, 2, 4, NNQ_ERROR_DIMENSION},
    {NORM, 18, 2, 6, NNQ_ERROR_DIMENSION},
    {NORM, 8, 2, 1 | 8 << 8, NNQ_ERROR_LENGTH},
    {NORM, 32, 4, (1 << 30) + 1, NNQ_ERROR_BIAS},
    {NORM, 32, 4, -(1 << 30), NNQ_OK},
    {NORM, 52, 4, 5, NNQ_ERROR_MULTIPLIER},
    {NORM, 72, 1, 0, NNQ_ERROR_SHIFT},
    {NORM, 76, 1, 63, NNQ_ERROR_SHIFT},
    {NORM, 77, 1, 1, NNQ_ERROR_RESERVED},
    {NORM, 80, 1, -128, NNQ_ERROR_GAIN},
    {NORM, 84, 1, -128, NNQ_ERROR_GAIN},
    {NORM, 84, 1, -127, NNQ_OK},
    {NORM, 87, 1, 1, NNQ_ERROR_RESERVED},
    {NORM, 88, 8, 0, NNQ_ERROR_EPSILON},
    {NORM, 88, 8, 1, NNQ_OK},
    {NORM, 88, 8, INT64_C(1) << 32, NNQ_OK},
    {NORM, 88, 8, (INT64_C(1) << 62) - 1, NNQ_OK},
    {NORM, 88, 8, INT64_C(1) << 62, NNQ_ERROR_EPSILON},
    {NORM, 88, 8, -1, NNQ_ERROR_EPSILON},

    {ADD, 56 + 1, 1, 4, NNQ_ERROR_BITS},
    {ADD, 56 + 10, 2, 2, NNQ_ERROR_DIMENSION},
    {ADD, 56 + 18, 2, 0, NNQ_OK},
    {ADD, 56 + 18, 2, 2, NNQ_ERROR_SOURCE},
    {ADD, 56 + 18, 2, 65535, NNQ_ERROR_SOURCE},
    {ADD, 56 + 20, 2, 1, NNQ_ERROR_RESERVED},
    {ADD, 32 + 18, 2, 1, NNQ_ERROR_RESERVED},
    {ADD, 8, 2, 3, NNQ_ERROR_SOURCE},
    {ADD, 184, 4, (1 << 30) - 1, NNQ_OK},
    {ADD, 184, 4, 1 << 30, NNQ_ERROR_BIAS},
    {ADD, 184, 4, -(1 << 30), NNQ_ERROR_BIAS},
    {ADD, 184, 4, 1 - (1 << 30), NNQ_OK},
    {ADD, 188, 4, -1, NNQ_ERROR_MULTIPLIER},
    {ADD, 192, 1, 63, NNQ_ERROR_SHIFT},
    {ADD, 193, 1, 1, NNQ_ERROR_RESERVED},
    {ADD, 195, 1, 1, NNQ_ERROR_RESERVED},
    {ADD, 196, 2, 16384, NNQ_OK},
    {ADD, 196, 2, 16385, NNQ_ERROR_GAIN},
    {ADD, 196, 2, -16385, NNQ_ERROR_GAIN},
    {ADD, 198, 2, 16385, NNQ_ERROR_GAIN},
    {ADD, 198, 2, -32768, NNQ_ERROR_GAIN},

    {TWO_ADDS, 80 + 18, 2, 2, NNQ_OK},
    {TWO_ADDS, 80 + 18, 2, 1, NNQ_ERROR_SOURCE},
    {TWO_ADDS, 80 + 18, 2, 0, NNQ_ERROR_SOURCE},
    {TWO_ADDS, 80 + 18, 2, 3, NNQ_ERROR_SOURCE},
    {TWO_ADDS, 32 + 18, 2, 1, NNQ_ERROR_SOURCE},

    {GATE8, 18, 2, 6, NNQ_ERROR_DIMENSION},
    {GATE8, 18, 2, 2, NNQ_ERROR_DIMENSION},
    {GATE8, 12, 1, 2, NNQ_ERROR_TABLE},
    {GATE8, 12, 1, 3, NNQ_ERROR_TABLE},
    {GATE8, 12, 1, 0, NNQ_ERROR_LENGTH},
    {GATE8, 10, 1, 16, NNQ_ERROR_ZERO_POINT},
    {GATE8, 32, 4, 0, NNQ_ERROR_MULTIPLIER},
    {GATE8, 36, 1, 0, NNQ_ERROR_SHIFT},
    {GATE8, 37, 1, 1, NNQ_ERROR_RESERVED},
    {GATE8, 39, 1, 1, NNQ_ERROR_RESERVED},
    {GATE8, 40, 2, 127, NNQ_OK},
    {GATE8, 40, 2, 128, NNQ_ERROR_ZERO_POINT},
    {GATE8, 42, 2, -129, NNQ_ERROR_ZERO_POINT},
    {GATE16, 12, 1, 1, NNQ_ERROR_TABLE},
    {GATE16, 40, 2, 1, NNQ_ERROR_ZERO_POINT},
    {GATE16, 42, 2, -1, NNQ_ERROR_ZERO_POINT},
    {GATE16, 44 + 1024, 2, -32768, NNQ_OK},
    {GATE16, 44 + 1026, 1, 1, NNQ_ERROR_RESERVED},
    {GATE16, 44 + 1027, 1, 1, NNQ_ERROR_RESERVED},

    {NARROW, 9, 1, 2, NNQ_ERROR_BITS},
    {NARROW, 52, 1, 0x78, NNQ_ERROR_WEIGHT},
    {NARROW, 52, 1, 0x87, NNQ_ERROR_WEIGHT},
    {NARROW, 52, 1, 0x97, NNQ_OK},
    {NARROW, 53, 1, 0x07, NNQ_OK},
    {NARROW, 53, 1, 0x17, NNQ_ERROR_RESERVED},
    {NARROW, 53, 1, 0x08, NNQ_ERROR_WEIGHT},
    {NARROW, 55, 1, 0x80, NNQ_ERROR_RESERVED},

    {TABLE16, 12, 1, 1, NNQ_ERROR_TABLE},
    {TABLE16, 12, 1, 0, NNQ_ERROR_LENGTH},
    {TABLE16, 10, 1, 8, NNQ_OK},
    {TABLE16, 20, 2, 1, NNQ_ERROR_ZERO_POINT},
    {TABLE16, 32 + 16 + 1026, 1, 1, NNQ_ERROR_RESERVED},
};

static nnq_status load_copy(const image *file) {
  uint8_t *copy = allocate(file->size);
  nnq_model model;
  memcpy(copy, file->bytes, file->size);
  nnq_status status = nnq_load(&model, copy, file->size);
  free(copy);
  return status;
}

static void each_fault(void) {
  for (int base = 0; base < BASES; base++) {
    spec *s = base_spec(base);
    image file = write_image(s);
    CHECK_EQUAL(load_copy(&file), NNQ_OK);
    free(file.bytes);
    free_spec(s);
  }
  for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
    spec *s = base_spec(faults[i].base);
    image file = write_image(s);
    patch(file.bytes, file.payload[1] + (size_t)faults[i].at, faults[i].value, faults[i].bytes);
    /* A narrower output must fit its origin as well. */
    if (faults[i].base == TABLE16) patch(file.bytes, file.payload[2] + 24, 0, 4);
    repair_crc(file.bytes, file.size);
    nnq_status status = load_copy(&file);
    if (status != faults[i].status) printf("fault %zu: ", i);
    CHECK_EQUAL(status, faults[i].status);
    free(file.bytes);
    free_spec(s);
  }
}

/* A layer norm of one code cannot be, and an add has nothing to add before the second layer. */
static void first_layers(void) {
  for (int operation = 2; operation <= 3; operation++) {
    spec *s = random_spec(8, 4, 1, (int[]){operation - 1, operation - 1}, (int[]){8, 8});
    uint64_t seed = 51;
    s->has_counts = s->vectors = 0;
    s->layer[0].table_kind = 0;
    if (operation == 2) make_layer_norm(&s->layer[0], &seed);
    else make_add(&s->layer[0], 0, &seed);
    image file = write_image(s);
    CHECK_EQUAL(load_copy(&file), operation == 2 ? NNQ_ERROR_DIMENSION : NNQ_ERROR_SOURCE);
    free(file.bytes);
    free_spec(s);
  }
}

/* An add of a tensor that is there, but has not as many codes. */
static void other_sizes(void) {
  uint64_t seed = 53;
  for (int source = 0; source < 2; source++) {
    spec *s = random_spec(8, 4, 3, (int[]){4, 5, 5, 5}, (int[]){8, 8, 8, 8});
    s->has_counts = s->vectors = 0;
    make_add(&s->layer[2], source, &seed);
    image file = write_image(s);
    CHECK_EQUAL(load_copy(&file), source == 0 ? NNQ_ERROR_SOURCE : NNQ_OK);
    free(file.bytes);
    free_spec(s);
  }
}

/* Sizes of the arena, counted by hand: the kept tensor, and the largest neighbours beside it. */
static void arenas(void) {
  spec *s = base_spec(ADD);
  image file = write_image(s);
  nnq_model model;
  nnq_layer layer;
  CHECK_EQUAL(nnq_load(&model, file.bytes, file.size), NNQ_OK);
  CHECK_EQUAL(nnq_arena_bytes(&model), 4 + 4);
  CHECK_EQUAL(nnq_describe_layer(&model, 2, &layer), NNQ_OK);
  CHECK_EQUAL(layer.operation, NNQ_OPERATION_ADD);
  CHECK_EQUAL(layer.weight_bits, 0);
  CHECK_EQUAL(layer.weight_bytes, 0);
  CHECK_EQUAL(layer.macs, 0);
  CHECK_EQUAL(layer.data_bytes, 16);
  free(file.bytes);
  free_spec(s);

  s = base_spec(TWO_ADDS);
  file = write_image(s);
  CHECK_EQUAL(nnq_load(&model, file.bytes, file.size), NNQ_OK);
  CHECK_EQUAL(nnq_arena_bytes(&model), 4 + 4); /* dense; the first add is kept; dense */
  free(file.bytes);
  free_spec(s);

  s = base_spec(NARROW);
  file = write_image(s);
  CHECK_EQUAL(nnq_load(&model, file.bytes, file.size), NNQ_OK);
  CHECK_EQUAL(nnq_describe_layer(&model, 0, &layer), NNQ_OK);
  CHECK_EQUAL(layer.weight_bits, 4);
  CHECK_EQUAL(layer.weight_bytes, 4);
  CHECK_EQUAL(layer.macs, 6);
  CHECK_EQUAL(layer.data_bytes, 8 + 8 + 4 + 4);
  CHECK_EQUAL(layer.table, 0);
  free(file.bytes);
  free_spec(s);
}

/* An activation and tables of both kinds are told, and neither is taken for the other. */
static void descriptions(void) {
  static const int tables[2][2] = {{GATE8, 1}, {TABLE16, 2}};
  for (int i = 0; i < 2; i++) {
    spec *s = base_spec(tables[i][0]);
    s->layer[0].activation = 9 - i;
    image file = write_image(s);
    nnq_model model;
    nnq_layer layer;
    CHECK_EQUAL(nnq_load(&model, file.bytes, file.size), NNQ_OK);
    CHECK_EQUAL(nnq_describe_layer(&model, 0, &layer), NNQ_OK);
    CHECK_EQUAL(layer.activation, 9 - i);
    CHECK_EQUAL(layer.table, tables[i][1]);
    free(file.bytes);
    free_spec(s);
  }
}

/* Data that read like the record of an add of the third layer's output, right behind the records: no
 * tensor is kept for it. */
static void misleading_data(void) {
  spec *s = random_spec(9, 4, 4, (int[]){5, 5, 5, 5, 5}, (int[]){8, 8, 8, 8, 8});
  s->has_counts = s->vectors = 0;
  s->layer[0].bias[0] = NNQ_OPERATION_ADD;
  s->layer[0].bias[4] = 3 << 16;
  image file = write_image(s);
  nnq_model model;
  CHECK_EQUAL(nnq_load(&model, file.bytes, file.size), NNQ_OK);
  CHECK_EQUAL(nnq_arena_bytes(&model), 8 + 8);
  free(file.bytes);
  free_spec(s);
}

/* Layer norms at the ends of their numbers: equal codes, one code apart, all at both ends. */
static void extreme_norms(void) {
  static const uint64_t epsilons[4] = {1, 2, UINT64_C(1) << 60, (UINT64_C(1) << 62) - 1};
  static const int widths[3] = {2, 64, 1024};
  uint64_t seed = 52;
  for (int k = 0; k < 3 * 4 * 6; k++) {
    int n = widths[k % 3], kind = k / 12;
    spec *s = random_spec(random_bits(&seed), 4, 1, (int[]){n, n}, (int[]){16, 16});
    layer_spec *layer = &s->layer[0];
    s->has_counts = s->vectors = 0;
    make_layer_norm(layer, &seed);
    layer->epsilon = epsilons[k / 3 % 4];
    layer->low = lowest_code(16);
    layer->high = highest_code(16);
    for (int o = 0; o < n; o++) layer->weights[o] = o & 1 ? 127 : -127;
    int16_t *x = allocate(2 * (size_t)n), *y = allocate(2 * (size_t)n);
    int16_t *wanted = allocate(2 * (size_t)n);
    for (int i = 0; i < n; i++) {
      int is_low = kind == 0 ? 1 : kind == 1 ? 0 : kind == 2 ? i == 0 : kind == 3 ? i != 0 : i & 1;
      x[i] = kind == 5 ? (int16_t)(i == n / 2) : is_low ? INT16_MIN : INT16_MAX;
    }
    oracle_layer(layer, n, x, NULL, wanted);
    image file = write_image(s);
    nnq_model model;
    CHECK_EQUAL(nnq_load(&model, file.bytes, file.size), NNQ_OK);
    CHECK_EQUAL(nnq_run(&model, x, y, NULL, 0), NNQ_OK);
    CHECK_EQUAL(memcmp(y, wanted, 2 * (size_t)n), 0);
    free(x);
    free(y);
    free(wanted);
    free(file.bytes);
    free_spec(s);
  }
}

void test_operations(void) {
  each_fault();
  first_layers();
  other_sizes();
  arenas();
  descriptions();
  misleading_data();
  extreme_norms();
}
