/* SPDX-License-Identifier: Apache-2.0 */

/* The tables behind probabilities, entry by entry, and the exponential that they give, step by step:
 * a probability has 16 bits and does not tell the last of 30. The source is compiled a second time,
 * under another name, so that what it keeps to itself can be asked. */

#include <math.h>

#include "check.h"
#include "image_writer.h"
#include "nnq.h"

#if NNQ_HAS_PROBABILITIES

#define nnq_probabilities other_probabilities
nnq_status nnq_probabilities(const nnq_model *model, const void *output, uint16_t *probabilities);

#include "../src/probability.c"

/* round(2^30 * 2^(-i/n)), with no tie near enough for a long double to miss. */
static uint32_t entry(int i, int n) {
  long double exact = ldexpl(exp2l(-(long double)i / n), 30);
  CHECK(fabsl(exact - floorl(exact) - 0.5L) > 1e-4L);
  return (uint32_t)floorl(exact + 0.5L);
}

static void each_entry(void) {
  for (int i = 0; i < 64; i++) {
    CHECK_EQUAL(coarse[i], entry(i, 64));
    CHECK_EQUAL(fine[i], entry(i, 4096));
  }
}

/* With a factor of 1 a code is a step, 4,096 to an octave; from 32 octaves on nothing is left. */
static void each_step(void) {
  uint8_t *outputs = allocate(24);
  const nnq_model model = {.outputs = outputs};
  memset(outputs, 0, 24);
  patch(outputs, 4, 1 << 30, 4);
  patch(outputs, 8, 30, 1);
  for (uint32_t step = 0; step < 131072; step++) {
    uint64_t product = (uint64_t)coarse[step / 64 % 64] * fine[step % 64] + (UINT32_C(1) << 29);
    CHECK_EQUAL(exp_q30(&model, (int32_t)step), (product >> 30) / (UINT64_C(1) << step / 4096));
  }
  CHECK_EQUAL(exp_q30(&model, 131072), 0);
  CHECK_EQUAL(exp_q30(&model, INT32_MAX), 0);
  free(outputs);
}

/* Shares of 1, 1/2, 1/4 and so on, twice the last: that of the last is half a unit and rounds up, but
 * would not if the sum were larger by one in 2^31. */
static void tie(void) {
  uint8_t *outputs = allocate(24);
  const nnq_model model = {
      .outputs = outputs, .output_count = 18, .output_bits = 8, .task = NNQ_TASK_MULTICLASS};
  int8_t codes[18];
  uint16_t shares[18];
  memset(outputs, 0, 24);
  patch(outputs, 1, 1, 1);
  patch(outputs, 4, 1 << 30, 4);
  patch(outputs, 8, 18, 1); /* a code is an octave */
  for (int i = 0; i < 18; i++) codes[i] = (int8_t)(i < 17 ? -i : -16);
  CHECK_EQUAL(other_probabilities(&model, codes, shares), NNQ_OK);
  for (int i = 0; i < 16; i++) CHECK_EQUAL(shares[i], 1 << (15 - i));
  CHECK_EQUAL(shares[16], 1);
  CHECK_EQUAL(shares[17], 1);
  free(outputs);
}

void test_tables(void) {
  each_entry();
  each_step();
  tie();
}

#else

void test_tables(void) {}

#endif
