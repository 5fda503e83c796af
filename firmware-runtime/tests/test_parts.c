/* SPDX-License-Identifier: Apache-2.0 */

/* An image that needs a part is taken by a build that holds it, and refused by name by one that
 * does not; what is left out answers that it is not defined. */

#include "mixed_spec.h"
#include "nnq.h"

static nnq_model model;
static image file;

/* Loads the image of a description, which is freed. */
static nnq_status load(spec *s) {
  free(file.bytes);
  file = write_image(s);
  free_spec(s);
  return nnq_load(&model, file.bytes, file.size);
}

/* One dense layer of 6 inputs and 3 outputs, or 6 and 6, in 8 bits and with nothing else. */
static spec *plain(int task, int outputs) {
  spec *s = random_spec(3, task, 1, (int[]){6, outputs}, (int[]){8, 8});
  s->task = task;
  s->has_counts = s->vectors = s->layer[0].table_kind = 0;
  s->score_threshold = 0;
  make_codes(&s->layer[0], 8, &(uint64_t){4});
  return s;
}

static void refused(int is_held, spec *s) {
  CHECK_EQUAL(load(s), is_held ? NNQ_OK : NNQ_ERROR_LEFT_OUT);
}

static void operations(void) {
  uint64_t seed = 5;
  CHECK_EQUAL(load(plain(4, 3)), NNQ_OK);
  spec *s = plain(4, 6);
  make_layer_norm(&s->layer[0], &seed);
  refused(NNQ_HAS_LAYER_NORM, s);
  s = plain(4, 3);
  make_gate(&s->layer[0], 8, &seed);
  refused(NNQ_HAS_GATE, s);
  s = plain(4, 3);
  make_narrow(&s->layer[0], 6, &seed);
  refused(NNQ_HAS_INT4, s);
  s = random_spec(6, 4, 2, (int[]){6, 6, 6}, (int[]){8, 8, 8});
  s->has_counts = s->vectors = s->layer[0].table_kind = s->layer[1].table_kind = 0;
  make_add(&s->layer[1], 0, &seed);
  refused(NNQ_HAS_ADD, s);
}

static void codes(void) {
  uint64_t seed = 7;
  spec *s = plain(4, 3);
  s->input_bits = 16;
  refused(NNQ_HAS_INT16, s);
  s = plain(4, 3);
  s->layer[0].bits = 16;
  s->layer[0].zero_point = 0;
  refused(NNQ_HAS_INT16, s);
  s = plain(4, 3);
  s->layer[0].table_kind = 1;
  refused(NNQ_HAS_TABLES, s);
  s = plain(4, 3);
  make_table16(&s->layer[0], &seed);
  s->layer[0].zero_point = 0;
  refused(NNQ_HAS_TABLES && NNQ_HAS_INT16, s);
}

static void sections(void) {
  int8_t input[6] = {0}, output[6] = {0};
  int32_t counts[6] = {0};
  uint16_t probabilities[6];
  int64_t score;
  spec *s = plain(4, 3);
  s->has_counts = 1;
  refused(NNQ_HAS_COUNTS, s);
  CHECK_EQUAL(nnq_quantize_counts(&model, counts, input),
              NNQ_HAS_COUNTS ? NNQ_OK : NNQ_ERROR_UNDEFINED);
  refused(NNQ_HAS_SCORE, plain(5, 6));
  CHECK_EQUAL(nnq_score(&model, input, output, &score),
              NNQ_HAS_SCORE ? NNQ_OK : NNQ_ERROR_UNDEFINED);

  /* Without the section that it needs, the task alone tells. */
  size_t size = file.payload[4] - 8;
  uint8_t *shorter = allocate(size);
  memcpy(shorter, file.bytes, size);
  repair(shorter, size);
  CHECK_EQUAL(nnq_load(&model, shorter, size),
              NNQ_HAS_SCORE ? NNQ_ERROR_SECTION_MISSING : NNQ_ERROR_LEFT_OUT);
  free(shorter);

  /* A score section of another task: an extra one, or one that is not known. */
  patch(file.bytes, file.payload[2], NNQ_TASK_REGRESSION, 1);
  repair_crc(file.bytes, file.size);
  CHECK_EQUAL(nnq_load(&model, file.bytes, file.size),
              NNQ_HAS_SCORE ? NNQ_ERROR_SECTION_EXTRA : NNQ_ERROR_LEFT_OUT);

  /* A device may run a model without its probabilities and its self-test. */
  CHECK_EQUAL(load(plain(2, 3)), NNQ_OK);
  CHECK_EQUAL(nnq_has_probabilities(&model), NNQ_HAS_PROBABILITIES);
  CHECK_EQUAL(nnq_probabilities(&model, output, probabilities),
              NNQ_HAS_PROBABILITIES ? NNQ_OK : NNQ_ERROR_UNDEFINED);
  s = plain(4, 3);
  s->vectors = 2;
  CHECK_EQUAL(load(s), NNQ_OK);
  CHECK_EQUAL(nnq_has_selftest(&model), NNQ_HAS_SELFTEST);
  CHECK_EQUAL(nnq_selftest(&model, input, output, NULL, 0),
              NNQ_HAS_SELFTEST ? NNQ_OK : NNQ_ERROR_UNDEFINED);
}

void test_parts(void) {
  operations();
  codes();
  sections();
  free(file.bytes);
  file.bytes = NULL;
}
