/* SPDX-License-Identifier: Apache-2.0 */

/* Runs all tests, or those that are named, in the order of their names; none that is named after a
 * minus. */

#include <string.h>

#include "check.h"

unsigned long passed, failed;

static struct {
  const char *name;
  void (*run)(void);
  int is_run;
} tests[] = {
    {"requantize", test_requantize, 1},
    {"load", test_load, 1},
    {"parts", test_parts, 1},
    {"signed", test_signed, 1},
    {"calls", test_calls, 1},
    {"packing", test_packing, 1},
    {"cpu", test_cpu, 1},
    {"selftest", test_selftest, 1},
    {"tables", test_tables, 1},
    {"norm", test_norm, 1},
    {"operations", test_operations, HAS_ALL_PARTS},
    {"decisions", test_decisions, HAS_ALL_PARTS},
    {"run", test_run, 1},
    {"hostile", test_hostile, 1},
    {"kernels", test_kernels, 1},
};

enum { TESTS = sizeof tests / sizeof *tests };

/* Where the test of a name is, or -1. */
static int place_of(const char *name) {
  for (int i = 0; i < TESTS; i++) {
    if (strcmp(name, tests[i].name) == 0) return i;
  }
  return -1;
}

static void run(int place) {
  if (tests[place].is_run) tests[place].run();
}

int main(int argc, char **argv) {
  int named = 0;
  for (int i = 1; i < argc; i++) {
    int is_less = argv[i][0] == '-', place = place_of(argv[i] + is_less);
    if (place < 0) {
      printf("there is no test %s\n", argv[i]);
      return 2;
    }
    if (is_less) tests[place].is_run = 0;
    else named++;
  }
  for (int i = 0; i < TESTS && named == 0; i++) run(i);
  for (int i = 1; i < argc; i++) {
    if (argv[i][0] != '-') run(place_of(argv[i]));
  }
  printf("%lu passed, %lu failed\n", passed, failed);
  return failed != 0;
}
