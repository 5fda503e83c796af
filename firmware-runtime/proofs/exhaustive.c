/* SPDX-License-Identifier: Apache-2.0 */

/* Compares nnq_requantize() with 128 bits for every 32-bit x, for four pairs of multiplier and
 * shift: both ends of each. An argument takes every so manieth x only. */

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "../src/requantize.h"

__extension__ typedef __int128 wide;

int main(int count, char **words) {
  static const struct {
    int32_t m;
    uint32_t s;
  } pairs[] = {{INT32_C(1) << 30, 1}, {INT32_MAX, 62}, {INT32_MAX, 31}, {1518500249, 40}};
  uint32_t stride = count > 1 ? (uint32_t)strtoul(words[1], NULL, 10) : 1;
  uint64_t compared = 0;
  for (int i = 0; i < 4; i++) {
    wide divisor = (wide)1 << pairs[i].s;
    for (int64_t x = INT32_MIN; x <= INT32_MAX; x += stride) {
      wide sum = (wide)x * pairs[i].m + divisor / 2;
      wide floor = sum / divisor - (sum % divisor < 0);
      if (nnq_requantize((int32_t)x, pairs[i].m, pairs[i].s) != (int64_t)floor) {
        printf("x = %" PRId64 ", m = %" PRId32 ", s = %" PRIu32 " differs\n", x, pairs[i].m,
               pairs[i].s);
        return 1;
      }
      compared++;
    }
  }
  printf("%" PRIu64 " results of requantize equal those in 128 bits\n", compared);
  return 0;
}
