/* SPDX-License-Identifier: Apache-2.0 */

#include "check.h"
#include "mixed_spec.h"
#include "nnq.h"

/* What the visitor compares each layer with. */
typedef struct expectation {
  int16_t *codes[MOST_LAYERS + 1]; /* the input, then what each layer hands on */
  const spec *network;
  uint32_t calls;
  long inside, all; /* codes between the lowest and highest of their layer, and all of them */
} expectation;

static int32_t code_at(const void *codes, uint32_t bits, uint32_t i) {
  return bits == 8 ? ((const int8_t *)codes)[i] : ((const int16_t *)codes)[i];
}

static void compare_layer(void *context, uint32_t layer, const void *codes, uint32_t count,
                          uint32_t bits) {
  expectation *wanted = context;
  CHECK_EQUAL(layer, wanted->calls++);
  CHECK_EQUAL(bits, wanted->network->layer[layer].bits);
  CHECK_EQUAL(count, wanted->network->layer[layer].outputs);
  for (uint32_t i = 0; i < count; i++) {
    int32_t code = code_at(codes, bits, i);
    CHECK_EQUAL(code, wanted->codes[layer + 1][i]);
    const layer_spec *l = &wanted->network->layer[layer];
    wanted->inside += code > l->low && code < l->high;
    wanted->all++;
  }
}

static void *native_codes(const int16_t *codes, int count, int bits) {
  void *out = allocate((size_t)(count * (bits / 8)));
  for (int i = 0; i < count; i++) {
    if (bits == 8) ((int8_t *)out)[i] = (int8_t)codes[i];
    else ((int16_t *)out)[i] = codes[i];
  }
  return out;
}

/* Output codes that start where the input does are those of two buffers. */
static void check_one_buffer(const spec *s, const nnq_model *model, const void *input,
                             const void *output, void *arena, size_t arena_bytes) {
  const layer_spec *last = &s->layer[s->layers - 1];
  size_t in = (size_t)(s->inputs * (s->input_bits / 8)), out = (size_t)(last->outputs * (last->bits / 8));
  void *both = allocate(in > out ? in : out);
  memcpy(both, input, in);
  CHECK_EQUAL(nnq_run(model, both, both, arena, arena_bytes), NNQ_OK);
  CHECK_EQUAL(memcmp(both, output, out), 0);
  free(both);
}

static void compare_network(spec *s, int rows, uint64_t seed, int extremes, long total[2]) {
  image file = write_image(s);
  nnq_model model;
  CHECK_EQUAL(nnq_load(&model, file.bytes, file.size), NNQ_OK);
  const layer_spec *last = &s->layer[s->layers - 1];
  size_t arena_bytes = nnq_arena_bytes(&model);
  void *arena = arena_bytes ? allocate(arena_bytes) : NULL;
  void *output = allocate((size_t)(last->outputs * (last->bits / 8)));
  int16_t *x = allocate(sizeof(int16_t) * (size_t)s->inputs);
  expectation wanted = {{x}, s, 0, 0, 0};
  for (int l = 0; l < s->layers; l++) {
    wanted.codes[l + 1] = allocate(sizeof(int16_t) * (size_t)s->layer[l].outputs);
  }
  for (int r = 0; r < rows; r++) {
    for (int i = 0; i < s->inputs; i++) {
      int low = lowest_code(s->input_bits), high = highest_code(s->input_bits);
      x[i] = (int16_t)(extremes ? (r & 1 ? low : high) : random_in(&seed, low, high));
    }
    oracle_network(s, wanted.codes);
    void *input = native_codes(x, s->inputs, s->input_bits);
    wanted.calls = 0;
    nnq_status watched =
        nnq_run_layers(&model, input, output, arena, arena_bytes, compare_layer, &wanted);
    CHECK_EQUAL(watched, NNQ_HAS_VISITOR ? NNQ_OK : NNQ_ERROR_UNDEFINED);
    CHECK_EQUAL(wanted.calls, NNQ_HAS_VISITOR ? s->layers : 0);
    CHECK_EQUAL(nnq_run(&model, input, output, arena, arena_bytes), NNQ_OK);
    for (int o = 0; o < last->outputs; o++) {
      CHECK_EQUAL(code_at(output, (uint32_t)last->bits, (uint32_t)o),
                  wanted.codes[s->layers][o]);
    }
    if (s->layers > 1) check_one_buffer(s, &model, input, output, arena, arena_bytes);
    if (s->vectors && r == 0) {
      CHECK_EQUAL(nnq_selftest(&model, input, output, arena, arena_bytes), NNQ_OK);
    }
    free(input);
  }
  total[0] += wanted.inside;
  total[1] += wanted.all;
  for (int l = 0; l <= s->layers; l++) free(wanted.codes[l]);
  free(output);
  free(arena);
  free(file.bytes);
}

static void random_networks(void) {
  uint64_t seed = 3;
  long total[2] = {0, 0};
  for (int n = 0; n < 300; n++) {
    int width[MOST_LAYERS + 1], bits[MOST_LAYERS + 1];
    int layers = (int)random_in(&seed, 1, MOST_LAYERS);
    for (int l = 0; l <= layers; l++) {
      width[l] = (int)random_in(&seed, 1, n % 10 == 0 ? 90 : 20);
      bits[l] = random_in(&seed, 0, 2) == 0 ? 16 : 8;
    }
    spec *s = random_spec(random_bits(&seed), 4, layers, width, bits);
    compare_network(s, 4, random_bits(&seed), 0, total);
    free_spec(s);
  }
  CHECK(!NNQ_HAS_VISITOR || total[0] * 4 > total[1]); /* the networks are no mere constants */
}

/* Every operation, weight and table, alone and after one another. */
static void mixed_networks(void) {
  uint64_t seed = 4;
  long total[2] = {0, 0};
  long seen[5][3] = {{0}};
  for (int n = 0; n < 4000; n++) {
    int layers = n % 4 == 0 ? 1 : (int)random_in(&seed, 1, MOST_LAYERS);
    spec *s = mixed_spec(random_bits(&seed), layers, n % 8 == 0 ? 64 : 12);
    for (int l = 0; l < s->layers; l++) {
      int is_narrow = s->layer[l].operation == 1 && s->layer[l].weight_bits == 4;
      seen[is_narrow ? 0 : s->layer[l].operation][s->layer[l].table_kind]++;
    }
    compare_network(s, 4, random_bits(&seed), n % 5 == 0, total);
    free_spec(s);
  }
  for (int i = 0; i < 5; i++) {
    for (int k = 0; k < 3 && HAS_ALL_PARTS; k++) CHECK(seen[i][k] > 100);
  }
  CHECK(!NNQ_HAS_VISITOR || total[0] * 4 > total[1]);
}

/* One row as close to 2^31 as the format lets it, run at both ends of the input range. */
static void fullest_rows(void) {
  static const int sign[2] = {1, -1};
  for (int k = 0; k < 2; k++) {
    spec *s = random_spec(9, 4, 1, (int[]){517, 1}, (int[]){16, 16});
    layer_spec *layer = &s->layer[0];
    s->has_counts = s->vectors = 0;
    for (int i = 0; i < 517; i++) layer->weights[i] = (int8_t)(sign[k] * (i < 516 ? 127 : 3));
    layer->bias[0] = -sign[k] * 32767; /* 65,535 * 32,768 + 32,767 = 2^31 - 1 */
    layer->multiplier[0] = INT32_MAX;
    layer->shift[0] = 47;
    layer->low = -32768;
    layer->high = 32767;
    long total[2] = {0, 0};
    compare_network(s, 2, 0, 1, total);
    layer->bias[0] = -sign[k] * 32768;
    image file = write_image(s);
    nnq_model model;
    CHECK_EQUAL(nnq_load(&model, file.bytes, file.size), NNQ_ERROR_ACCUMULATOR);
    free(file.bytes);
    free_spec(s);
  }
}

/* A row of all inputs and the largest weights fits 32 bits where codes have 8. */
static void widest_row(void) {
  spec *s = random_spec(9, 4, 1, (int[]){1, 1}, (int[]){8, 8});
  s->inputs = 65535;
  s->has_counts = s->vectors = 0;
  free(s->layer[0].weights);
  s->layer[0].weights = allocate(65535);
  const int weight[2] = {-127, 127};
  const int32_t bias[2] = {-(1 << 30), 1 << 30};
  for (int i = 0; i < 2; ++i) {
    memset(s->layer[0].weights, weight[i], 65535);
    s->layer[0].bias[0] = bias[i];
    long total[2] = {0, 0};
    compare_network(s, 2, 0, 1, total);
  }
  free_spec(s);
}

static void calls(void) {
  spec *s = sample_spec(2);
  image file = write_image(s);
  nnq_model model;
  CHECK_EQUAL(nnq_load(&model, file.bytes, file.size), NNQ_OK);
  uint32_t arena[64];
  int16_t input[8] = {0}, output[8];
  size_t bytes = nnq_arena_bytes(&model);
  CHECK_EQUAL(bytes, 8 + 16); /* 6 int8 and 7 int16 codes, each rounded up to 4 bytes */
  CHECK_EQUAL(nnq_run(&model, input, output, NULL, bytes), NNQ_ERROR_NULL);
  CHECK_EQUAL(nnq_run(&model, input, output, arena, bytes - 1), NNQ_ERROR_ARENA);
  for (size_t by = 1; by < NNQ_ALIGNMENT; by *= 2) {
    CHECK_EQUAL(nnq_run(&model, input, output, (uint8_t *)arena + by, bytes), NNQ_ERROR_ALIGNMENT);
  }
  CHECK_EQUAL(nnq_run(&model, (uint8_t *)input + 1, output, arena, bytes), NNQ_ERROR_ALIGNMENT);
  CHECK_EQUAL(nnq_run(&model, input, (uint8_t *)output + 1, arena, bytes), NNQ_ERROR_ALIGNMENT);
  CHECK_EQUAL(nnq_run(&model, input, output, arena, bytes), NNQ_OK);
  CHECK_EQUAL(nnq_selftest(&model, input, output, arena, bytes - 1), NNQ_ERROR_ARENA);

  /* A wrong output code and a wrong checksum of any layer each fail the self-test. */
  size_t first = file.payload[0] + 8;
  size_t at[4] = {first + 12, first + 20, first + 24, first + 28};
  for (int i = 0; i < 4; i++) {
    file.bytes[at[i]] ^= 64;
    repair_crc(file.bytes, file.size);
    CHECK_EQUAL(nnq_load(&model, file.bytes, file.size), NNQ_OK);
    CHECK_EQUAL(nnq_selftest(&model, input, output, arena, bytes), NNQ_ERROR_MISMATCH);
    file.bytes[at[i]] ^= 64;
  }
  CHECK_EQUAL(nnq_inputs(&model), 5);
  CHECK_EQUAL(nnq_outputs(&model), 3);
  CHECK_EQUAL(nnq_layers(&model), 3);
  CHECK_EQUAL(nnq_input_bits(&model), 16);
  CHECK_EQUAL(nnq_output_bits(&model), 16);
  CHECK_EQUAL(nnq_model_task(&model), NNQ_TASK_MULTICLASS);
  CHECK(nnq_has_probabilities(&model) && nnq_has_counts(&model) && nnq_has_selftest(&model));
  nnq_layer layer;
  CHECK_EQUAL(nnq_describe_layer(&model, 1, &layer), NNQ_OK);
  CHECK_EQUAL(layer.inputs, 6);
  CHECK_EQUAL(layer.outputs, 7);
  CHECK_EQUAL(layer.macs, 42);
  CHECK_EQUAL(layer.weight_bytes, 42);
  CHECK_EQUAL(layer.data_bytes, 28 + 28 + 8 + 44);
  CHECK_EQUAL(layer.input_bits, 8);
  CHECK_EQUAL(layer.output_bits, 16);
  CHECK_EQUAL(layer.weight_bits, 8);
  CHECK_EQUAL(layer.activation, s->layer[1].activation);
  CHECK_EQUAL(layer.operation, NNQ_OPERATION_DENSE);
  CHECK_EQUAL(layer.table, 0);
  CHECK_EQUAL(nnq_describe_layer(&model, 2, &layer), NNQ_OK);
  CHECK_EQUAL(layer.input_bits, 16);
  CHECK_EQUAL(nnq_describe_layer(&model, 3, &layer), NNQ_ERROR_UNDEFINED);
  free(file.bytes);
  free_spec(s);

  s = sample_spec(2);
  s->vectors = 0;
  file = write_image(s);
  CHECK_EQUAL(nnq_load(&model, file.bytes, file.size), NNQ_OK);
  CHECK_EQUAL(nnq_selftest(&model, input, output, arena, bytes), NNQ_ERROR_UNDEFINED);
  CHECK(!nnq_has_selftest(&model));
  free(file.bytes);
  free_spec(s);
}

void test_run(void) {
  random_networks();
  mixed_networks();
  if (NNQ_HAS_INT16) fullest_rows();
  widest_row();
  if (HAS_ALL_PARTS) calls();
}
