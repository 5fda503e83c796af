/* SPDX-License-Identifier: Apache-2.0 */

/* Every kernel that this CPU can run gives the bits of nnq_run(). All buffers have their exact
 * sizes, so that a sanitizer sees a byte too many. */

#include "check.h"
#include "mixed_spec.h"
#include "nnq.h"

enum { MOST_ROWS = 100 };

/* Input codes: all lowest, all highest, then rows of both, then random ones. */
static void fill_input(uint8_t *input, uint32_t rows, uint32_t inputs, uint32_t bits,
                       uint64_t *seed) {
  for (uint32_t row = 0; row < rows; row++) {
    for (uint32_t i = 0; i < inputs; i++) {
      int low = lowest_code((int)bits), high = highest_code((int)bits);
      int kind = (int)((row + inputs) % 5);
      int64_t code = kind == 0   ? low
                     : kind == 1 ? high
                     : kind == 2 ? (random_bits(seed) & 1 ? low : high)
                                 : random_in(seed, low, high);
      patch(input, (size_t)(row * inputs + i) * (bits / 8), code, (int)bits / 8);
    }
  }
}

/* Gives layers weights of 4 bits, where this build holds them: all, or some. */
static void narrow_layers(spec *s, int is_each, uint64_t *seed) {
  int inputs = s->inputs;
  for (int l = 0; l < s->layers; inputs = s->layer[l++].outputs) {
    if (!NNQ_HAS_INT4 || (!is_each && random_in(seed, 0, 1))) continue;
    make_narrow(&s->layer[l], inputs, seed);
  }
}

/* Runs rows with one kernel, at places that are aligned no more than they must be. */
static void compare_kernel(const nnq_model *model, uint32_t kernel, uint32_t rows,
                           const uint8_t *input, size_t input_bytes, const uint8_t *wanted,
                           size_t output_bytes, uint32_t offset) {
  size_t packed_bytes = nnq_pack_bytes(model, kernel);
  size_t arena_bytes = nnq_batch_arena_bytes(model, kernel, rows);
  void *packed = kernel == 0 ? NULL : allocate_packed(packed_bytes);
  uint8_t *arena = allocate(arena_bytes + 4 * (offset & 3));
  uint8_t *x = allocate(input_bytes + offset), *y = allocate(output_bytes + offset);
  memset(arena, 0xA5, arena_bytes + 4 * (offset & 3));
  memcpy(x + offset, input, input_bytes);
  memset(y, 0x5A, output_bytes + offset);
  CHECK_EQUAL(nnq_pack(model, kernel, packed, packed_bytes), NNQ_OK);
  uint8_t *at_arena = arena + 4 * (offset & 3);
  if (arena_bytes > 0) {
    size_t less = arena_bytes - 1;
    CHECK_EQUAL(nnq_run_batch(model, packed, rows, x + offset, y + offset, at_arena, less),
                NNQ_ERROR_ARENA);
  }
  CHECK_EQUAL(nnq_run_batch(model, packed, rows, x + offset, y + offset, at_arena, arena_bytes),
              NNQ_OK);
  int equal = memcmp(y + offset, wanted, output_bytes) == 0;
  CHECK(equal);
  if (!equal && failed < 20) {
    size_t at = 0;
    while (y[offset + at] == wanted[at]) at++;
    printf("%s: %u inputs, %u outputs, %u rows: byte %zu\n", nnq_kernel_name(kernel),
           nnq_inputs(model), nnq_outputs(model), rows, at);
  }
  free(x);
  free(y);
  free(arena);
  free(packed);
}

static void compare_kernels(const spec *s, uint32_t rows, uint64_t seed) {
  image file = write_image(s);
  nnq_model model;
  CHECK_EQUAL(nnq_load(&model, file.bytes, file.size), NNQ_OK);
  uint32_t inputs = nnq_inputs(&model), outputs = nnq_outputs(&model);
  size_t input_row = inputs * (nnq_input_bits(&model) / 8);
  size_t output_row = outputs * (nnq_output_bits(&model) / 8);
  uint8_t *input = allocate(rows * input_row), *wanted = allocate(rows * output_row);
  size_t arena_bytes = nnq_arena_bytes(&model);
  void *arena = allocate(arena_bytes);
  fill_input(input, rows, inputs, nnq_input_bits(&model), &seed);
  for (uint32_t row = 0; row < rows; row++) {
    CHECK_EQUAL(nnq_run(&model, input + row * input_row, wanted + row * output_row, arena,
                        arena_bytes),
                NNQ_OK);
  }
  uint32_t offset = (uint32_t)random_in(&seed, 0, 7);
  if (nnq_input_bits(&model) == 16 || nnq_output_bits(&model) == 16) offset *= 2;
  for (uint32_t kernel = 0; kernel < nnq_kernels(); kernel++) {
    if (!nnq_kernel_is_available(kernel)) continue;
    compare_kernel(&model, kernel, rows, input, rows * input_row, wanted, rows * output_row,
                   offset);
  }
  free(input);
  free(wanted);
  free(arena);
  free(file.bytes);
}

static void all_small_shapes(void) {
  uint64_t seed = 21;
  for (int inputs = 1; inputs <= 64; inputs++) {
    for (int outputs = 1; outputs <= 64; outputs++) {
      for (int widths = 0; widths < 8; widths++) {
        spec *s = one_layer(random_bits(&seed), inputs, outputs, widths & 1 ? 16 : 8,
                            widths & 2 ? 16 : 8);
        if (widths & 4) narrow_layers(s, 1, &seed);
        compare_kernels(s, (uint32_t)random_in(&seed, 1, 9), random_bits(&seed));
        free_spec(s);
      }
    }
  }
}

static void wide_layers(void) {
  uint64_t seed = 22;
  for (int n = 0; n < 120; n++) {
    int inputs = (int)random_in(&seed, 1, 1030), outputs = (int)random_in(&seed, 1, 1030);
    if (n % 3 == 0) outputs = (int)random_in(&seed, 1, 8);
    if (n % 3 == 1) inputs = (int)random_in(&seed, 1, 8);
    spec *s = one_layer(random_bits(&seed), inputs, outputs, n & 4 ? 16 : 8, n & 8 ? 16 : 8);
    compare_kernels(s, (uint32_t)random_in(&seed, 1, 7), random_bits(&seed));
    narrow_layers(s, 1, &seed);
    compare_kernels(s, (uint32_t)random_in(&seed, 1, 7), random_bits(&seed));
    free_spec(s);
  }
}

static void all_batch_sizes(void) {
  static const int widths[4][5] = {
      {37, 70, 9, 33, 5}, {16, 32, 16, 4, 3}, {130, 128, 8, 128, 129}, {1, 65, 64, 17, 1}};
  static const int bits[4][5] = {
      {8, 8, 8, 8, 8}, {16, 8, 8, 8, 16}, {8, 16, 8, 16, 8}, {16, 16, 16, 16, 16}};
  uint64_t seed = 23;
  for (int n = 0; n < 12; n++) {
    spec *s = random_spec(random_bits(&seed), 4, 4, widths[n % 4], bits[n % 4]);
    s->vectors = 0;
    if (n >= 4) narrow_layers(s, n < 8, &seed);
    for (uint32_t rows = 1; rows <= 33; rows++) compare_kernels(s, rows, random_bits(&seed));
    for (uint32_t rows = 47; rows <= 50; rows++) compare_kernels(s, rows, random_bits(&seed));
    compare_kernels(s, MOST_ROWS, random_bits(&seed));
    free_spec(s);
  }
}

static void deep_networks(void) {
  uint64_t seed = 24;
  for (int n = 0; n < 200; n++) {
    int width[MOST_LAYERS + 1], bits[MOST_LAYERS + 1];
    int layers = (int)random_in(&seed, 2, MOST_LAYERS);
    for (int l = 0; l <= layers; l++) {
      width[l] = (int)random_in(&seed, 1, n % 4 == 0 ? 150 : 40);
      bits[l] = random_in(&seed, 0, 3) == 0 ? 16 : 8;
    }
    spec *s = random_spec(random_bits(&seed), 4, layers, width, bits);
    if (n & 1) narrow_layers(s, 0, &seed);
    compare_kernels(s, (uint32_t)random_in(&seed, 1, 14), random_bits(&seed));
    free_spec(s);
  }
}

/* Layers that no vector kernel knows stand between those that it does. */
static void mixed_networks(void) {
  uint64_t seed = 27;
  for (int n = 0; n < 1500; n++) {
    spec *s = mixed_spec(random_bits(&seed), (int)random_in(&seed, 1, MOST_LAYERS),
                         n % 8 == 0 ? 100 : 24);
    compare_kernels(s, (uint32_t)(n % 50 == 0 ? 60 : random_in(&seed, 1, 9)), random_bits(&seed));
    free_spec(s);
  }
}

/* Rows of a layer that no kernel knows, which fill their room in the arena to its last byte. */
static void full_rows(void) {
  uint64_t seed = 29;
  spec *s = random_spec(random_bits(&seed), 4, 2, (int[]){64, 64, 8}, (int[]){8, 8, 8});
  s->vectors = s->has_counts = s->layer[0].table_kind = 0;
  make_layer_norm(&s->layer[0], &seed);
  for (uint32_t rows = 1; rows <= 5; rows++) compare_kernels(s, rows, random_bits(&seed));
  free_spec(s);
}

/* Each shift 1 ... 62 with sums that scale to codes near both ends and near ties. */
static void all_shifts(void) {
  uint64_t seed = 25;
  for (int n = 0; n < 400; n++) {
    int from = n & 1 ? 16 : 8, to = n & 2 ? 16 : 8;
    int least = n & 4 ? 1 : 33; /* layers with short shifts take another way */
    spec *s = one_layer(random_bits(&seed), n % 16 == 0 ? 40 : 3, 130, from, to);
    layer_spec *layer = &s->layer[0];
    if (n & 8) {
      layer->low = lowest_code(to);
      layer->high = highest_code(to);
    }
    for (int o = 0; o < layer->outputs; o++) {
      int shift = least + (o + n) % (63 - least);
      int64_t unit = shift >= 31 ? INT64_C(1) << (shift - 31) : 1;
      int64_t code = random_in(&seed, -(INT64_C(1) << to), INT64_C(1) << to);
      int64_t bias = code * unit + random_in(&seed, -2, 2);
      layer->shift[o] = (uint8_t)shift;
      layer->bias[o] = (int32_t)oracle_clamp(bias, -(1 << 30), 1 << 30);
      int kind = (int)random_in(&seed, 0, 3);
      layer->multiplier[o] = kind == 0   ? 1 << 30
                             : kind == 1 ? INT32_MAX
                                         : (int32_t)random_in(&seed, 1 << 30, INT32_MAX);
      for (int i = 0; i < s->inputs; i++) {
        layer->weights[o * s->inputs + i] = (int8_t)random_in(&seed, -(o & 3), o & 3);
      }
    }
    compare_kernels(s, 8, random_bits(&seed));
    free_spec(s);
  }
}

/* Sums at both ends of int32, with every product at its largest. */
static void extreme_sums(void) {
  uint64_t seed = 26;
  for (int n = 0; n < 96; n++) {
    int most = n >= 64 && NNQ_HAS_INT4 ? 7 : 127;
    int from = n & 1 ? 16 : 8, to = n & 2 ? 16 : 8;
    int inputs = from == 16 ? 510 : n & 4 ? 1030 : 1024;
    spec *s = one_layer(random_bits(&seed), inputs, n & 8 ? 66 : 5, from, to);
    layer_spec *layer = &s->layer[0];
    layer->low = lowest_code(to);
    layer->high = highest_code(to);
    if (most == 7) layer->weight_bits = 4;
    int64_t room = INT32_MAX - (int64_t)most * inputs * (from == 16 ? 32768 : 128);
    if (room > 1 << 30) room = 1 << 30;
    for (int o = 0; o < layer->outputs; o++) {
      int sign = o & 1 ? 1 : -1;
      for (int i = 0; i < inputs; i++) {
        layer->weights[o * inputs + i] = (int8_t)(o & 4 && i & 1 ? -most * sign : most * sign);
      }
      layer->bias[o] = (int32_t)(o & 2 ? room : -room);
      layer->shift[o] = (uint8_t)random_in(&seed, n & 16 ? 1 : 33, 62);
      layer->multiplier[o] = o & 8 ? INT32_MAX : 1 << 30;
    }
    compare_kernels(s, 9, random_bits(&seed));
    free_spec(s);
  }
}

/* The longest row that there may be: what it adds up to beside the bias, and on the way. */
static void longest_rows(void) {
  uint64_t seed = 28;
  for (int n = 0; n < 8; n++) {
    int most = n & 1 && NNQ_HAS_INT4 ? 7 : 127, to = n & 2 ? 16 : 8;
    spec *s = one_layer(random_bits(&seed), 4, n & 4 ? 70 : 9, 8, to);
    layer_spec *layer = &s->layer[0];
    s->inputs = NNQ_MAX_DIMENSION;
    layer->weight_bits = most == 7 ? 4 : 8;
    free(layer->weights);
    layer->weights = allocate((size_t)s->inputs * (size_t)layer->outputs);
    for (int o = 0; o < layer->outputs; o++) {
      int sign = o & 1 ? 1 : -1;
      for (int i = 0; i < s->inputs; i++) {
        int weight = o & 4 ? (int)random_in(&seed, -most, most) : most * sign;
        layer->weights[o * s->inputs + i] = (int8_t)weight;
      }
      layer->bias[o] = o & 2 ? 1 << 30 : -(1 << 30);
    }
    for (uint32_t rows = 1; rows <= 5; rows += 4) compare_kernels(s, rows, random_bits(&seed));
    free_spec(s);
  }
}

/* What finds most faults soonest comes first. */
void test_kernels(void) {
  if (NNQ_HAS_LAYER_NORM) full_rows();
  mixed_networks();
  deep_networks();
  if (NNQ_HAS_INT16) all_shifts();
  if (NNQ_HAS_INT16) extreme_sums();
  longest_rows();
  all_batch_sizes();
  wide_layers();
  all_small_shapes();
}
