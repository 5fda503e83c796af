/* SPDX-License-Identifier: Apache-2.0 */

#include "check.h"

unsigned long passed, failed;

int main(void) {
  test_requantize();
  test_load();
  test_run();
  test_parts();
  if (HAS_ALL_PARTS) test_operations();
  test_kernels();
  if (HAS_ALL_PARTS) test_decisions();
  test_hostile();
  test_signed();
  test_calls();
  test_cpu();
  printf("%lu passed, %lu failed\n", passed, failed);
  return failed != 0;
}
