/* SPDX-License-Identifier: Apache-2.0 */

#include "../src/requantize.h"

#include "check.h"
#include "image_writer.h"

/* Zero points and clamps of codes, with those that are furthest apart. */
static const int32_t codes[][3] = {{0, -32768, 32767}, {-128, -128, 127}, {127, -128, 127},
                                   {-128, 127, 127},   {5, 0, 100},       {0, -1, -1}};

static void check_one(int32_t x, int32_t m, int s) {
  int64_t wanted = oracle_requantize(x, m, s);
  CHECK_EQUAL(nnq_requantize(x, m, (uint32_t)s), wanted);
  CHECK_EQUAL(nnq_product(x, m), (int64_t)x * m);
  for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
    int32_t zero = codes[i][0], low = codes[i][1], high = codes[i][2];
    CHECK_EQUAL(nnq_scaled_code(nnq_product(x, m), (uint32_t)s, zero, low, high),
                oracle_clamp(zero + wanted, low, high));
  }
}

void test_requantize(void) {
  static const int ties[4][2] = {{2, 1}, {-2, 0}, {6, 2}, {-6, -1}};
  for (int i = 0; i < 4; i++) CHECK_EQUAL(nnq_requantize(ties[i][0], 1 << 30, 32), ties[i][1]);

  /* With a multiplier of 2^30, 4 and 8 give the first products above 32 bits. */
  static const int32_t x[] = {INT32_MIN, INT32_MIN + 1, -8, -4, -3, -2, -1, 0, 1, 2, 3, 4, 8,
                              INT32_MAX - 1, INT32_MAX};
  static const int32_t m[] = {1 << 30, (1 << 30) + 1, INT32_MAX - 1, INT32_MAX};
  for (int s = 1; s <= 62; s++) {
    for (size_t i = 0; i < sizeof x / sizeof *x; i++) {
      for (size_t k = 0; k < sizeof m / sizeof *m; k++) check_one(x[i], m[k], s);
    }
    /* Every tie near 0 of both signs: with m = 2^30, x * m is half of 2^s at odd x * 2^(s-31). */
    if (s >= 31 && s <= 58) {
      for (int32_t odd = -15; odd <= 15; odd += 2) check_one(odd * (1 << (s - 31)), 1 << 30, s);
    }
  }
  /* In halves of 16 bits, the lowest bit carries from one to the other. */
  check_one(0x13FFF, 0x40010001, 40);
  uint64_t seed = 1;
  for (int i = 0; i < 200000; i++) {
    uint64_t bits = random_bits(&seed);
    int32_t value = (int32_t)((int64_t)(int32_t)(uint32_t)bits >> (bits >> 32) % 32);
    check_one(value, (int32_t)random_in(&seed, 1 << 30, INT32_MAX), (int)random_in(&seed, 1, 62));
  }
}
