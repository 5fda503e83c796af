/* SPDX-License-Identifier: Apache-2.0 */

#include <math.h>

#include "check.h"
#include "image_writer.h"
#include "nnq.h"

/* A network of one layer with so many outputs, loaded; its codes are never computed, because the
 * decisions take any codes. */
typedef struct loaded {
  spec *s;
  image file;
  nnq_model model;
} loaded;

static loaded *load_outputs(uint64_t seed, int task, int inputs, int outputs, int bits) {
  loaded *l = allocate(sizeof *l);
  l->s = random_spec(seed, task, 1, (int[]){inputs, outputs}, (int[]){bits, bits});
  l->s->vectors = 0;
  return l;
}

static void finish(loaded *l) {
  l->file = write_image(l->s);
  CHECK_EQUAL(nnq_load(&l->model, l->file.bytes, l->file.size), NNQ_OK);
}

static void unload(loaded *l) {
  free(l->file.bytes);
  free_spec(l->s);
  free(l);
}

static void *codes_of(const int32_t *values, int count, int bits) {
  void *codes = allocate((size_t)(count * bits / 8));
  for (int i = 0; i < count; i++) {
    if (bits == 8) ((int8_t *)codes)[i] = (int8_t)values[i];
    else ((int16_t *)codes)[i] = (int16_t)values[i];
  }
  return codes;
}

static void random_codes(uint64_t *seed, int32_t *values, int count, int bits, int spread) {
  int32_t base = (int32_t)random_in(seed, lowest_code(bits), highest_code(bits) - spread);
  for (int i = 0; i < count; i++) values[i] = (int32_t)random_in(seed, base, base + spread);
}

/* ---- classes ---- */

static void classes(void) {
  static const struct {
    int32_t codes[4];
    uint32_t label;
    int64_t margin;
  } cases[] = {
      {{1, 2, 3, 4}, 3, 1},       {{4, 3, 2, 1}, 0, 1},       {{5, 5, 1, 1}, 0, 0},
      {{1, 7, 7, 7}, 1, 0},       {{-128, -128, -128, -128}, 0, 0}, {{-128, 127, -128, 0}, 1, 127},
      {{127, -128, -128, -128}, 0, 255}, {{0, 9, 4, 9}, 1, 0},
  };
  for (int bits = 8; bits <= 16; bits += 8) {
    loaded *l = load_outputs(1, 2, 3, 4, bits);
    finish(l);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
      void *codes = codes_of(cases[i].codes, 4, bits);
      uint32_t label;
      int64_t margin;
      CHECK_EQUAL(nnq_class(&l->model, codes, &label, &margin), NNQ_OK);
      CHECK_EQUAL(label, cases[i].label);
      CHECK_EQUAL(margin, cases[i].margin);
      CHECK_EQUAL(nnq_class(&l->model, codes, &label, NULL), NNQ_OK);
      uint8_t flags[4];
      int64_t score;
      CHECK_EQUAL(nnq_flags(&l->model, codes, flags, NULL), NNQ_ERROR_UNDEFINED);
      CHECK_EQUAL(nnq_score(&l->model, codes, codes, &score), NNQ_ERROR_UNDEFINED);
      CHECK_EQUAL(nnq_score_threshold(&l->model), 0);
      free(codes);
    }
    unload(l);
  }
}

static void thresholds(void) {
  static const int32_t threshold[5] = {INT32_MIN, -3, 0, 4, INT32_MAX};
  for (int bits = 8; bits <= 16; bits += 8) {
    loaded *many = load_outputs(2, 3, 2, 5, bits);
    for (int o = 0; o < 5; o++) many->s->output[o].threshold = threshold[o];
    finish(many);
    for (int32_t code = -6; code <= 6; code++) {
      void *codes = codes_of((int32_t[]){code, code, code, code, code}, 5, bits);
      uint8_t flags[5];
      int64_t margins[5];
      CHECK_EQUAL(nnq_flags(&many->model, codes, flags, margins), NNQ_OK);
      CHECK_EQUAL(nnq_flags(&many->model, codes, flags, NULL), NNQ_OK);
      uint32_t label;
      CHECK_EQUAL(nnq_class(&many->model, codes, &label, NULL), NNQ_ERROR_UNDEFINED);
      for (int o = 0; o < 5; o++) {
        CHECK_EQUAL(flags[o], code >= threshold[o]);
        CHECK_EQUAL(margins[o], (int64_t)code - threshold[o]);
        loaded *one = load_outputs(2, 1, 2, 1, bits);
        one->s->output[0].threshold = threshold[o];
        finish(one);
        int64_t margin;
        CHECK_EQUAL(nnq_class(&one->model, codes, &label, &margin), NNQ_OK);
        CHECK_EQUAL(label, code >= threshold[o]);
        CHECK_EQUAL(margin, (int64_t)code - threshold[o]);
        unload(one);
      }
      free(codes);
    }
    unload(many);
  }
}

/* ---- scores, counts, scales ---- */

static void scores(void) {
  uint64_t seed = 4;
  for (int n = 0; n < 60; n++) {
    int bits = n & 1 ? 16 : 8;
    loaded *l = load_outputs(random_bits(&seed), 5, 9, 9, bits);
    if (n % 5 == 0) {
      l->s->score[0] = (struct score_spec){-(1 << 30), INT32_MAX, 1};
      l->s->score[1] = (struct score_spec){1 << 30, INT32_MAX, 62};
    }
    finish(l);
    int32_t x[9], y[9];
    random_codes(&seed, x, 9, bits, 90);
    random_codes(&seed, y, 9, bits, 90);
    int64_t wanted = 0, score;
    for (int i = 0; i < 9; i++) {
      const struct score_spec *p = &l->s->score[i];
      int64_t target = oracle_clamp(p->origin + oracle_requantize(x[i], p->multiplier, p->shift),
                                    lowest_code(bits), highest_code(bits));
      wanted += (target - y[i]) * (target - y[i]);
    }
    void *input = codes_of(x, 9, bits), *output = codes_of(y, 9, bits);
    CHECK_EQUAL(nnq_score(&l->model, input, output, &score), NNQ_OK);
    CHECK_EQUAL(score, wanted);
    CHECK_EQUAL(nnq_score_threshold(&l->model), l->s->score_threshold);
    uint16_t p[9];
    CHECK_EQUAL(nnq_probabilities(&l->model, output, p), NNQ_ERROR_UNDEFINED);
    CHECK(!nnq_has_probabilities(&l->model));
    free(input);
    free(output);
    unload(l);
  }
}

static void counts(void) {
  uint64_t seed = 5;
  for (int n = 0; n < 60; n++) {
    int bits = n & 1 ? 16 : 8;
    loaded *l = load_outputs(random_bits(&seed), 4, 4, 1, bits);
    l->s->count[0] = (struct count_spec){INT32_MIN + 1, INT32_MAX, 0, INT32_MAX, 1 + n, 0};
    finish(l);
    int32_t value[4];
    for (int k = 0; k < 20; k++) {
      for (int i = 0; i < 4; i++) {
        value[i] = k == 0   ? INT32_MIN
                   : k == 1 ? INT32_MAX
                            : (int32_t)(uint32_t)random_bits(&seed) >> random_in(&seed, 0, 30);
      }
      void *input = codes_of((int32_t[]){0, 0, 0, 0}, 4, bits);
      CHECK_EQUAL(nnq_quantize_counts(&l->model, value, input), NNQ_OK);
      for (int i = 0; i < 4; i++) {
        const struct count_spec *p = &l->s->count[i];
        int64_t distance = oracle_clamp(value[i], p->low, p->high) - p->offset;
        int64_t code = oracle_clamp(
            p->zero_point + oracle_requantize(distance, p->multiplier, p->shift),
            lowest_code(bits), highest_code(bits));
        CHECK_EQUAL(bits == 8 ? ((int8_t *)input)[i] : ((int16_t *)input)[i], code);
      }
      free(input);
    }
    nnq_scale scale;
    CHECK_EQUAL(nnq_output_scale(&l->model, 0, &scale), NNQ_OK);
    CHECK_EQUAL(scale.origin, l->s->output[0].origin);
    CHECK_EQUAL(scale.multiplier, l->s->output[0].multiplier);
    CHECK_EQUAL(scale.exponent, l->s->output[0].exponent);
    CHECK_EQUAL(nnq_output_scale(&l->model, 1, &scale), NNQ_ERROR_UNDEFINED);
    unload(l);
  }
  loaded *l = load_outputs(6, 4, 4, 1, 8);
  l->s->has_counts = 0;
  finish(l);
  int32_t value[4] = {0};
  CHECK(!nnq_has_counts(&l->model));
  CHECK_EQUAL(nnq_quantize_counts(&l->model, value, value), NNQ_ERROR_UNDEFINED);
  unload(l);
}

/* ---- probabilities ---- */

/* round(2^30 * 2^(-i/n)), with no tie near enough for a long double to miss. */
static int64_t table_entry(int i, int n) {
  long double exact = ldexpl(exp2l(-(long double)i / n), 30);
  CHECK(fabsl(exact - floorl(exact) - 0.5L) > 1e-4L);
  return (int64_t)floorl(exact + 0.5L);
}

/* E(d) of the definition, from tables that are computed here. */
static int64_t oracle_exp(const spec *s, int64_t distance) {
  int64_t t = oracle_requantize(distance, s->probability_multiplier, s->probability_shift);
  if (t >= 131072) return 0;
  int64_t product = table_entry((int)(t / 64 % 64), 64) * table_entry((int)(t % 64), 4096);
  return (product + (1 << 29)) / (1 << 30) / (INT64_C(1) << t / 4096);
}

static int64_t oracle_share(int64_t part, int64_t sum) {
  int64_t share = (part * 65536 + sum / 2) / sum;
  return share < 65535 ? share : 65535;
}

/* What Q0.16 may be off by from the real probability: t is rounded to half a step, so each e is
 * off by a factor of 2^(1/8192) = 1 + 8.47e-5, p by twice that times p * (1 - p); each of the other
 * e is off by 2^-29 through the tables, the shift and the cut at 32 octaves; the result is rounded
 * by 1/2, and 65,536 is cut by 1. */
static double tolerance(double p, int outputs) {
  return 65536 * (p * (1 - p) * 2 * 8.47e-5 + outputs * ldexp(1, -29)) + 1.01;
}

static void softmax(void) {
  uint64_t seed = 6;
  for (int n = 0; n < 120; n++) {
    int bits = n & 1 ? 16 : 8, outputs = n % 10 == 0 ? 600 : 2 + n % 7;
    loaded *l = load_outputs(random_bits(&seed), 2, 2, outputs, bits);
    finish(l);
    int32_t codes[MOST_OUTPUTS];
    random_codes(&seed, codes, outputs, bits, bits == 8 ? 3 + n : 100 * n + 5);
    double unit = ldexp(l->s->probability_multiplier, -l->s->probability_shift) / 4096;
    int32_t highest = codes[0];
    double exact_sum = 0;
    int64_t sum = 0;
    for (int o = 0; o < outputs; o++) highest = codes[o] > highest ? codes[o] : highest;
    for (int o = 0; o < outputs; o++) {
      exact_sum += exp2((codes[o] - highest) * unit);
      sum += oracle_exp(l->s, highest - codes[o]);
    }
    void *output = codes_of(codes, outputs, bits);
    uint16_t *p = allocate(sizeof *p * (size_t)outputs);
    CHECK_EQUAL(nnq_probabilities(&l->model, output, p), NNQ_OK);
    for (int o = 0; o < outputs; o++) {
      double exact = exp2((codes[o] - highest) * unit) / exact_sum;
      CHECK_EQUAL(p[o], oracle_share(oracle_exp(l->s, highest - codes[o]), sum));
      CHECK(fabs(p[o] - 65536 * exact) <= tolerance(exact, outputs));
    }
    free(p);
    free(output);
    unload(l);
  }
}

static void sigmoid(void) {
  uint64_t seed = 7;
  for (int n = 0; n < 400; n++) {
    int bits = n & 1 ? 16 : 8, task = n % 3 == 0 ? 3 : 1, outputs = task == 3 ? 6 : 1;
    loaded *l = load_outputs(random_bits(&seed), task, 2, outputs, bits);
    if (n < 124) l->s->probability_shift = 1 + n / 2;
    finish(l);
    int32_t codes[6];
    random_codes(&seed, codes, outputs, bits, 200);
    if (n == 200) codes[0] = l->s->output[0].origin;
    double unit = ldexp(l->s->probability_multiplier, -l->s->probability_shift) / 4096;
    void *output = codes_of(codes, outputs, bits);
    uint16_t p[6];
    CHECK_EQUAL(nnq_probabilities(&l->model, output, p), NNQ_OK);
    for (int o = 0; o < outputs; o++) {
      int64_t distance = codes[o] - l->s->output[o].origin;
      int64_t e = oracle_exp(l->s, distance < 0 ? -distance : distance);
      double exact = 1 / (1 + exp2(-(double)distance * unit));
      CHECK_EQUAL(p[o], oracle_share(distance < 0 ? e : 1 << 30, (1 << 30) + e));
      CHECK(fabs(p[o] - 65536 * exact) <= tolerance(exact, 1));
    }
    free(output);
    unload(l);
  }
}

/* Every pointer that must not be null, null alone. */
static void nulls(void) {
  loaded *l = load_outputs(8, 2, 3, 4, 8);
  finish(l);
  const nnq_model *m = &l->model;
  int8_t x[4] = {0}, y[4] = {0};
  int32_t counted[4] = {0};
  uint32_t label;
  int64_t score;
  uint8_t flags[4];
  uint16_t p[4];
  nnq_scale scale;
  nnq_layer layer;
  nnq_status statuses[] = {
      nnq_quantize_counts(NULL, counted, x), nnq_quantize_counts(m, NULL, x),
      nnq_quantize_counts(m, counted, NULL), nnq_class(NULL, y, &label, NULL),
      nnq_class(m, NULL, &label, NULL),      nnq_class(m, y, NULL, NULL),
      nnq_flags(NULL, y, flags, NULL),       nnq_flags(m, NULL, flags, NULL),
      nnq_flags(m, y, NULL, NULL),           nnq_probabilities(NULL, y, p),
      nnq_probabilities(m, NULL, p),         nnq_probabilities(m, y, NULL),
      nnq_score(NULL, x, y, &score),         nnq_score(m, NULL, y, &score),
      nnq_score(m, x, NULL, &score),         nnq_score(m, x, y, NULL),
      nnq_output_scale(NULL, 0, &scale),     nnq_output_scale(m, 0, NULL),
      nnq_describe_layer(NULL, 0, &layer),   nnq_describe_layer(m, 0, NULL),
      nnq_selftest(NULL, x, y, NULL, 0),     nnq_selftest(m, NULL, y, NULL, 0),
      nnq_selftest(m, x, NULL, NULL, 0),     nnq_run(NULL, x, y, NULL, 0),
      nnq_run(m, NULL, y, NULL, 0),          nnq_run(m, x, NULL, NULL, 0),
  };
  for (size_t i = 0; i < sizeof statuses / sizeof *statuses; i++) {
    CHECK_EQUAL(statuses[i], NNQ_ERROR_NULL);
  }
  unload(l);
}

void test_decisions(void) {
  nulls();
  classes();
  thresholds();
  scores();
  counts();
  softmax();
  sigmoid();
}
