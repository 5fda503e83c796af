/* SPDX-License-Identifier: Apache-2.0 */

/* The numbers on the way of a layer normalization, which 16-bit codes hardly tell: square roots next
 * to squares, quotients, and the spread that is scaled up. The source is compiled a second time,
 * under another name, so that what it keeps to itself can be asked. */

#include "check.h"
#include "image_writer.h"
#include "nnq.h"

#if NNQ_HAS_LAYER_NORM

#define nnq_layer_norm_run other_layer_norm_run

#include "../src/layer_norm.c"

static void roots(void) {
  uint64_t seed = 71;
  CHECK_EQUAL(square_root(0), 0);
  for (int i = 0; i < 3000; i++) {
    uint64_t root = i < 70 ? (uint64_t)i + 1 : random_bits(&seed) >> random_in(&seed, 33, 63);
    if (i >= 70 && i < 100) root = (UINT64_C(1) << (i - 69)) - (uint64_t)(i & 1);
    if (i >= 2000) root = (uint64_t)random_in(&seed, INT64_C(1) << 31, 3037000498); /* below 2^63 */
    if (root == 0) continue;
    CHECK_EQUAL(square_root(root * root), root);
    CHECK_EQUAL(square_root(root * root - 1), root - 1);
    CHECK_EQUAL(square_root(root * root + 2 * root), root);
  }
}

static void quotients(void) {
  uint64_t seed = 72;
  for (int i = 0; i < 3000; i++) {
    uint32_t y = (uint32_t)random_in(&seed, 1 << 30, UINT32_MAX);
    uint32_t wanted = (uint32_t)(random_bits(&seed) >> 40 >> random_in(&seed, 0, 23));
    if (i == 0) wanted = (1 << 24) - 1;
    CHECK_EQUAL(quotient((uint64_t)wanted * y, y), wanted);
    CHECK_EQUAL(quotient((uint64_t)wanted * y + y - 1, y), wanted);
    uint32_t n = (uint32_t)random_in(&seed, 1, 65535);
    uint64_t x = random_bits(&seed) >> random_in(&seed, 18, 60);
    CHECK_EQUAL(scaled_by(n, x), n * x);
  }
}

/* Of equal codes only epsilon is left: it is quadrupled until it is in 2^60 ... 2^63. */
static void spreads(void) {
  uint8_t record[24] = {0}, *data = allocate(24 + 8);
  const uint8_t codes[2] = {7, 7};
  nnq_node node = {.record = record, .data = data, .input_bits = 8};
  patch(record, 8, 2, 2);
  patch(record, 10, 2, 2);
  for (int bit = 0; bit < 62; bit++) {
    for (int less = 0; less < 2 && bit >= less; less++) {
      uint64_t epsilon = (UINT64_C(1) << bit) - (uint64_t)less, spread = epsilon;
      uint32_t doublings = 0;
      for (; spread > 0 && spread < UINT64_C(1) << 60; doublings++) spread *= 4;
      if (spread == 0) continue;
      statistics all;
      patch(data, 24, (int64_t)epsilon, 8);
      measure(&node, codes, &all);
      CHECK_EQUAL(all.sum, 14);
      CHECK_EQUAL(all.spread, spread);
      CHECK_EQUAL(all.doublings, doublings);
    }
  }
  free(data);
}

void test_norm(void) {
  roots();
  quotients();
  spreads();
}

#else

void test_norm(void) {}

#endif
