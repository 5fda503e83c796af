/* SPDX-License-Identifier: Apache-2.0 */

#include "check.h"

unsigned long passed, failed;

int main(void) {
  test_requantize();
  test_load();
  test_parts();
  test_signed();
  test_calls();
  test_cpu();
  test_selftest();
  if (HAS_ALL_PARTS) test_operations();
  if (HAS_ALL_PARTS) test_decisions();
  test_run();
  test_hostile();
  test_kernels();
  printf("%lu passed, %lu failed\n", passed, failed);
  return failed != 0;
}
