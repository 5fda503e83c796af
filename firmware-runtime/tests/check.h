/* SPDX-License-Identifier: Apache-2.0 */

/* Counting of checks, and random numbers that are the same in every run. */

#ifndef CHECK_H
#define CHECK_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "../src/parts.h"

/* False in a build that left out anything but vector kernels: tests of one certain image, whose
 * places they know, then do without it; those of random images run with what there is. */
enum {
  HAS_ALL_PARTS = NNQ_HAS_LAYER_NORM && NNQ_HAS_ADD && NNQ_HAS_GATE && NNQ_HAS_INT4 &&
                  NNQ_HAS_INT16 && NNQ_HAS_TABLES && NNQ_HAS_COUNTS && NNQ_HAS_SCORE &&
                  NNQ_HAS_SELFTEST && NNQ_HAS_VISITOR && NNQ_HAS_PROBABILITIES &&
                  NNQ_HAS_STATUS_NAMES
};

extern unsigned long passed, failed;

/* Whoever tries many wrong runtimes wants to know only that one is wrong. */
#if defined(STOP_AT_FIRST_FAILURE)
enum { MOST_FAILURES = 0 };
#else
enum { MOST_FAILURES = 20 };
#endif

#define CHECK(condition) check_((condition) != 0, #condition, __FILE__, __LINE__)
#define CHECK_EQUAL(found, wanted) \
  check_equal_((int64_t)(found), (int64_t)(wanted), #found, __FILE__, __LINE__)

static inline void check_(int holds, const char *text, const char *file, int line) {
  if (holds) {
    passed++;
  } else if (failed++ < MOST_FAILURES) {
    printf("%s:%d: not true: %s\n", file, line, text);
  } else if (MOST_FAILURES == 0) {
    exit(1);
  }
}

static inline void check_equal_(int64_t found, int64_t wanted, const char *text, const char *file,
                                int line) {
  if (found == wanted) {
    passed++;
  } else if (failed++ < MOST_FAILURES) {
    printf("%s:%d: %s is %lld, not %lld\n", file, line, text, (long long)found, (long long)wanted);
  } else if (MOST_FAILURES == 0) {
    exit(1);
  }
}

/* SplitMix64. */
static inline uint64_t random_bits(uint64_t *state) {
  uint64_t z = *state += UINT64_C(0x9E3779B97F4A7C15);
  z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
  z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
  return z ^ z >> 31;
}

static inline int64_t random_in(uint64_t *state, int64_t low, int64_t high) {
  return low + (int64_t)(random_bits(state) % (uint64_t)(high - low + 1));
}

/* Memory of exactly this size, so that a sanitizer sees the first byte too many. */
static inline void *allocate(size_t bytes) {
  void *memory = malloc(bytes ? bytes : 1);
  if (!memory) {
    printf("out of memory\n");
    exit(70);
  }
  return memory;
}

/* The same at a multiple of 64, where packed models lie; bytes must be one too. C99 has no word for
 * it, the C library has. */
void *aligned_alloc(size_t alignment, size_t bytes);

static inline void *allocate_packed(size_t bytes) {
  void *memory = aligned_alloc(64, bytes ? bytes : 64);
  if (!memory) {
    printf("out of memory\n");
    exit(70);
  }
  return memory;
}

void test_load(void);
void test_requantize(void);
void test_run(void);
void test_kernels(void);
void test_decisions(void);
void test_operations(void);
void test_parts(void);
void test_hostile(void);
void test_signed(void);
void test_calls(void);
void test_packing(void);
void test_cpu(void);
void test_selftest(void);
void test_tables(void);
void test_norm(void);

#endif
