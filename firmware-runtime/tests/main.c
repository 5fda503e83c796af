/* SPDX-License-Identifier: Apache-2.0 */

/* Runs all tests, or those that are named, in the order in which they are. */

#include <string.h>

#include "check.h"

unsigned long passed, failed;

static const struct {
  const char *name;
  void (*run)(void);
  int is_run;
} tests[] = {
    {"requantize", test_requantize, 1},
    {"load", test_load, 1},
    {"parts", test_parts, 1},
    {"signed", test_signed, 1},
    {"calls", test_calls, 1},
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

/* Runs the test of a name, or all without one; returns how many have that name. */
static int run(const char *name) {
  int found = 0;
  for (int i = 0; i < TESTS; i++) {
    if (name && strcmp(name, tests[i].name) != 0) continue;
    found++;
    if (tests[i].is_run) tests[i].run();
  }
  return found;
}

int main(int argc, char **argv) {
  if (argc == 1) run(NULL);
  for (int i = 1; i < argc; i++) {
    if (run(argv[i]) == 0) {
      printf("there is no test %s\n", argv[i]);
      return 2;
    }
  }
  printf("%lu passed, %lu failed\n", passed, failed);
  return failed != 0;
}
