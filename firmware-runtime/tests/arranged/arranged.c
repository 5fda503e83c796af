/* SPDX-License-Identifier: Apache-2.0 */

/* Images whose weights are arranged for one kind of device, loaded by a build that takes them on
 * this machine: NNQ_LAYOUT says which. Where a device has assembly stands plain C that reads and
 * writes the same bytes, so that the sanitizers see what a damaged image would make the device do.
 * Whole images give the codes of the portable ones; each damaged one is refused, or runs within its
 * bounds. */

#include "arrange.h"

#include "../../src/arranged.h"
#include "../../src/requantize.h"

unsigned long passed, failed;

#if NNQ_LAYOUT == 1

static int32_t weight_at(const uint8_t *weights, uint32_t row, uint32_t column) {
  const uint8_t *pair = weights + 16 * (column / 4) + 8 * (row / 2);
  int32_t both = nnq_i16(pair + 4 * (column & 1) + (column & 2));
  return row & 1 ? (both - (int8_t)both) / 256 : (int8_t)both;
}

static int32_t bias_at(const uint8_t *group, const uint8_t *rest, uint32_t row) {
  return nnq_i32((row & 1 ? rest - 8 : group) + 4 * (row / 2));
}

static uint32_t shift_at(const uint8_t *rest, uint32_t row) { return rest[16 + row] + 33u; }

#else

static int32_t weight_at(const uint8_t *weights, uint32_t row, uint32_t column) {
  return (int8_t)weights[64 * (column / 16) + 16 * row + column % 16];
}

static int32_t bias_at(const uint8_t *group, const uint8_t *rest, uint32_t row) {
  (void)rest;
  return nnq_i32(group + 4 * row);
}

static uint32_t shift_at(const uint8_t *rest, uint32_t row) {
  return 32u - (uint32_t)(int8_t)rest[16 + row];
}

#endif

void nnq_dense_arranged(const nnq_node *node, const int8_t *x, int8_t *y) {
  const uint32_t inputs = nnq_node_inputs(node), outputs = nnq_node_outputs(node);
  const uint32_t columns = nnq_arranged_columns(inputs);
  const uint8_t *group = node->data;
#if NNQ_LAYOUT == 1
  /* The codes in 16 bits end where the arena has room for them; zeros take the odd columns. */
  int16_t *wide = (int16_t *)(void *)node->wide_end - columns;
  for (uint32_t i = 0; i < columns; i++) wide[i] = i < inputs ? x[i] : 0;
#endif
  for (uint32_t o = 0; o < nnq_groups(node) * NNQ_GROUP_ROWS; o++) {
    uint32_t row = o % NNQ_GROUP_ROWS;
    const uint8_t *rest = group + nnq_group_bytes(node) - 20;
    int32_t sum = bias_at(group, rest, row);
    for (uint32_t i = 0; i < columns; i++) {
      int32_t weight = weight_at(group + NNQ_GROUP_HEAD_BYTES, row, i);
#if NNQ_LAYOUT == 1
      sum += weight * wide[i];
#else
      if (i < inputs) sum += weight * x[i];
#endif
    }
    int64_t code = nnq_node_zero_point(node) +
                   nnq_requantize(sum, nnq_i32(rest + 4 * row), shift_at(rest, row));
    if (o < outputs) y[o] = (int8_t)nnq_clamp(code, nnq_node_low(node), nnq_node_high(node));
    if (row + 1 == NNQ_GROUP_ROWS) group += nnq_group_bytes(node);
  }
}

/* Runs a loaded image between buffers of exactly its sizes, and returns the codes. The input is all
 * lowest codes without a seed. */
static uint8_t *codes_of(const nnq_model *model, uint64_t seed) {
  size_t input_bytes = nnq_inputs(model) * (nnq_input_bits(model) / 8);
  size_t arena_bytes = nnq_arena_bytes(model);
  uint8_t *x = allocate(input_bytes), *arena = allocate(arena_bytes);
  uint8_t *y = allocate(nnq_outputs(model) * (nnq_output_bits(model) / 8));
  for (size_t i = 0; i < input_bytes; i++) x[i] = seed ? (uint8_t)random_bits(&seed) : 0x80;
  CHECK_EQUAL(nnq_run(model, x, y, arena, arena_bytes), NNQ_OK);
  free(x);
  free(arena);
  return y;
}

static void same_codes(void) {
  uint64_t seed = 31;
  for (int n = 0; n < 600; n++) {
    spec *s = plain_spec(random_bits(&seed), (int)random_in(&seed, 1, 5), n % 8 ? 40 : 200);
    image portable = write_image(s), own = arrange(s, &portable, (uint32_t)random_bits(&seed) | 1);
    nnq_model model, arranged;
    CHECK_EQUAL(nnq_load(&model, portable.bytes, portable.size), NNQ_OK);
    CHECK_EQUAL(nnq_load(&arranged, own.bytes, own.size), NNQ_OK);
    for (int row = 0; row < 4; row++) {
      uint64_t input = random_bits(&seed);
      uint8_t *wanted = codes_of(&model, input), *codes = codes_of(&arranged, input);
      CHECK_EQUAL(memcmp(codes, wanted, nnq_outputs(&model)), 0);
      free(wanted);
      free(codes);
    }
    free(portable.bytes);
    free(own.bytes);
    free_spec(s);
  }
}

static unsigned long refused, accepted;

/* Loads damaged bytes from memory of exactly their size; what is accepted runs. */
static void try_bytes(const uint8_t *bytes, size_t size, int is_repaired) {
  uint8_t *copy = allocate(size);
  memcpy(copy, bytes, size);
  if (is_repaired) repair(copy, size);
  nnq_model model;
  if (nnq_load(&model, copy, size) == NNQ_OK) {
    accepted++;
    free(codes_of(&model, size));
  } else {
    refused++;
  }
  free(copy);
}

static void damaged(void) {
  uint64_t seed = 32;
  for (int n = 0; n < 6; n++) {
    spec *s = plain_spec(random_bits(&seed), 1 + n % 3, n < 4 ? 9 : 18);
    image portable = write_image(s), own = arrange(s, &portable, (uint32_t)(n == 3 ? 1 : 7));
    for (size_t size = 0; size < own.size; size++) {
      try_bytes(own.bytes, size, 1);
      try_bytes(own.bytes, size, 0);
    }
    for (size_t bit = 0; bit < 8 * own.size; bit++) {
      own.bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
      unsigned long before = accepted;
      try_bytes(own.bytes, own.size, 0);
      CHECK_EQUAL(accepted, before); /* the checksum tells */
      try_bytes(own.bytes, own.size, 1);
      own.bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    for (int k = 0; k < 4000; k++) {
      uint8_t *copy = allocate(own.size);
      memcpy(copy, own.bytes, own.size);
      for (int64_t left = random_in(&seed, 1, 6); left > 0; left--) {
        static const uint8_t values[8] = {0, 1, 2, 4, 127, 128, 129, 255};
        size_t at = (size_t)random_in(&seed, 0, (int64_t)own.size - 1);
        copy[at] = random_in(&seed, 0, 1) ? values[random_in(&seed, 0, 7)]
                                          : (uint8_t)random_bits(&seed);
      }
      try_bytes(copy, own.size, 1);
      free(copy);
    }
    free(portable.bytes);
    free(own.bytes);
    free_spec(s);
  }
  CHECK(refused > 1000 && accepted > 1000); /* both ways are taken */
}

/* Each rule of a group, broken alone. */
static void broken_rules(void) {
  spec *s = plain_spec(33, 1, 1);
  layer_spec *layer = &s->layer[0];
  s->inputs = 5;
  layer->outputs = 3;
  layer->zero_point = 0;
  free(layer->weights);
  layer->weights = allocate(15);
  for (int i = 0; i < 15; i++) layer->weights[i] = (int8_t)(i - 7);
  for (int o = 0; o < 3; o++) {
    layer->bias[o] = o;
    layer->multiplier[o] = INT32_MAX;
    layer->shift[o] = 40;
    s->output[o] = s->output[0];
  }
  image portable = write_image(s), own = arrange(s, &portable, 1);
  const size_t record = 24 + NNQ_NETWORK_HEAD_BYTES, group = record + NNQ_RECORD_BYTES;
  const size_t weights = group + NNQ_GROUP_HEAD_BYTES;
  const size_t columns = NNQ_LAYOUT == 1 ? 8 : 16;
  const size_t rest = weights + 4 * columns + (NNQ_LAYOUT == 1 ? 8 : 0);
  const struct fault {
    size_t at;
    int64_t value;
    int bytes;
    nnq_status status;
  } faults[] = {
      {group, 0, 4, NNQ_OK},
      {group, (INT64_C(1) << 30) + 1, 4, NNQ_ERROR_BIAS},
      {rest, (1 << 30) - 1, 4, NNQ_ERROR_MULTIPLIER},
      {rest + 16, NNQ_LAYOUT == 1 ? 30 : -31, 1, NNQ_ERROR_SHIFT},
      {rest + 16, NNQ_LAYOUT == 1 ? 255 : 0, 1, NNQ_ERROR_SHIFT},
      {weights + (NNQ_LAYOUT == 1 ? 20 : 5), 1, 1, NNQ_ERROR_RESERVED}, /* column 5 or 6 */
      {weights, NNQ_LAYOUT == 1 ? -128 : 128, NNQ_LAYOUT == 1 ? 2 : 1, NNQ_ERROR_WEIGHT},
      {6, 3, 2, NNQ_ERROR_FLAGS},
      {6, 3 - NNQ_LAYOUT, 2, NNQ_ERROR_LAYOUT},
      {6, 0, 2, NNQ_ERROR_RESERVED},
      {24 + 4, 16, 1, NNQ_ERROR_LAYOUT},
      {record + 1, 4, 1, NNQ_ERROR_LAYOUT},
      {record + 2, 16, 1, NNQ_ERROR_LAYOUT},
      {record + 4, 1, 1, NNQ_ERROR_LAYOUT},
      {record + 4, 2, 1, NNQ_ERROR_LAYOUT},
      {record + 5, 2, 1, NNQ_ERROR_RESERVED},
      {record + 6, 1, 1, NNQ_ERROR_RESERVED},
  };
  for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
    uint8_t *copy = allocate(own.size);
    nnq_model model;
    memcpy(copy, own.bytes, own.size);
    patch(copy, faults[i].at, faults[i].value, faults[i].bytes);
    repair(copy, own.size);
    CHECK_EQUAL(nnq_load(&model, copy, own.size), faults[i].status);
    free(copy);
  }
  free(portable.bytes);
  free(own.bytes);
  free_spec(s);
}

/* One number of each row and column that must not be, in two groups of rows. */
static void each_number(void) {
  for (int o = 0; o < 6; o++) {
    for (int k = 0; k < 8 + 3; k++) {
      spec *s = even_spec(8, 6, 1, 0, 62);
      layer_spec *layer = &s->layer[0];
      for (int i = 0; i < 6; i++) layer->bias[i] = i;
      static const nnq_status statuses[3] = {NNQ_ERROR_BIAS, NNQ_ERROR_MULTIPLIER, NNQ_ERROR_SHIFT};
      nnq_status wanted = k < 8 ? NNQ_ERROR_WEIGHT : statuses[k - 8];
      image portable = write_image(s), whole = arrange(s, &portable, 1);
      nnq_model model;
      CHECK_EQUAL(nnq_load(&model, whole.bytes, whole.size), NNQ_OK);
      if (k < 8) layer->weights[8 * o + k] = -128;
      if (k == 8) layer->bias[o] = (1 << 30) + 1;
      if (k == 9) layer->multiplier[o] = (1 << 30) - 1;
      if (k == 10) layer->shift[o] = 63;
      image own = arrange(s, &portable, 1);
      CHECK_EQUAL(nnq_load(&model, own.bytes, own.size), wanted);
      /* The same weight behind the last column. */
      if (k >= 5 && k < 8) {
        layer->weights[8 * o + k] = 0;
        for (int i = 0; i < 6 * 8; i++) {
          if (i % 8 >= 5) layer->weights[i] = i == 8 * o + k;
        }
        free(own.bytes);
        own = arrange(s, &portable, 1);
        patch(own.bytes, 24, 5, 2);
        patch(own.bytes, 24 + NNQ_NETWORK_HEAD_BYTES + 8, 5, 2);
        repair(own.bytes, own.size);
        CHECK_EQUAL(nnq_load(&model, own.bytes, own.size), NNQ_ERROR_RESERVED);
      }
      free(portable.bytes);
      free(whole.bytes);
      free(own.bytes);
      free_spec(s);
    }
  }
}

/* The largest sums that the rows of a pair may have, and one more: an odd row for cortex-m4 is told
 * from the even one below it while it stays below 2^23. */
static void fullest_rows(void) {
  for (int more = 0; more < 2; more++) {
    spec *s = even_spec(517, 2, 127, 1 << 30, 55);
    layer_spec *layer = &s->layer[0];
    layer->weights[2 * 517 - 1] = (int8_t)(3 + more); /* 516 * 127 + 3 = 65,535 */
    layer->low = -128;
    layer->high = 127;
    image portable = write_image(s), own = arrange(s, &portable, 1);
    nnq_model model, arranged;
    CHECK_EQUAL(nnq_load(&model, portable.bytes, portable.size), NNQ_OK);
    int is_refused = NNQ_LAYOUT == 1 && more;
    CHECK_EQUAL(nnq_load(&arranged, own.bytes, own.size),
                is_refused ? NNQ_ERROR_ACCUMULATOR : NNQ_OK);
    /* The codes in 16 bits, up to the next multiple of eight columns. */
    if (!is_refused) CHECK_EQUAL(nnq_arena_bytes(&arranged), NNQ_LAYOUT == 1 ? 2 * 520 : 0);
    for (uint64_t input = 0; input < 4 && !is_refused; input++) {
      uint8_t *wanted = codes_of(&model, input), *codes = codes_of(&arranged, input);
      CHECK_EQUAL(memcmp(codes, wanted, 2), 0);
      free(wanted);
      free(codes);
    }
    free(portable.bytes);
    free(own.bytes);
    free_spec(s);
  }
}

/* The weights of 65,535 rows and columns would take 2^32 bytes: the length of the rest alone, which is
 * what 32 bits hold of the sum, is not taken for that of all. */
static void too_many_weights(void) {
  enum { REST_BYTES = 36 * 16384 };
  image file = {0};
  put(&file, INT64_C(0x514E4E8E), 4);
  put(&file, 'F' | 1 << 8 | NNQ_LAYOUT << 16, 4);
  put(&file, 0, 8);
  put(&file, 1, 4);
  put(&file, 8 + 24 + REST_BYTES, 4);
  put(&file, 65535 | 1 << 16, 4);
  put(&file, 8, 4);
  put(&file, 1 | 8 << 8 | 8 << 16, 4);
  put(&file, 1 << 8, 4);
  put(&file, 65535, 2);
  put(&file, 65535, 2);
  put(&file, 0, 8);
  put(&file, 0, 4);
  for (int i = 0; i < REST_BYTES; i += 4) put(&file, 0, 4);
  repair(file.bytes, file.size);
  nnq_model model;
  CHECK_EQUAL(nnq_load(&model, file.bytes, file.size), NNQ_ERROR_LENGTH);
  free(file.bytes);
}

int main(void) {
  same_codes();
  each_number();
  fullest_rows();
  too_many_weights();
  damaged();
  broken_rules();
  printf("%lu passed, %lu failed; %lu images refused, %lu ran\n", passed, failed, refused,
         accepted);
  return failed != 0;
}
