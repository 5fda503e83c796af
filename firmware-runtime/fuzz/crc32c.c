/* SPDX-License-Identifier: Apache-2.0 */

/* What src/crc32c.c computes, eight bytes a step: its own small table takes half of the time of a quick
 * fuzzing run, and is proved elsewhere. */

#include "../src/crc32c.h"

/* What a byte makes of the checksum that so many zero bytes follow. */
static uint32_t table[8][256];

static void fill(void) {
  for (uint32_t byte = 0; byte < 256; byte++) {
    uint32_t crc = byte;
    for (int bit = 0; bit < 8; bit++) crc = crc >> 1 ^ ((crc & 1) != 0 ? UINT32_C(0x82F63B78) : 0);
    table[0][byte] = crc;
  }
  for (int zeros = 1; zeros < 8; zeros++) {
    for (uint32_t byte = 0; byte < 256; byte++) {
      uint32_t crc = table[zeros - 1][byte];
      table[zeros][byte] = crc >> 8 ^ table[0][crc & 255];
    }
  }
}

uint32_t nnq_crc32c(uint32_t state, const uint8_t *bytes, uint32_t count) {
  if (table[0][1] == 0) fill();
  for (; count >= 8; count -= 8, bytes += 8) {
    uint32_t crc = 0;
    for (uint32_t i = 0; i < 8; i++) {
      uint32_t byte = bytes[i] ^ (i < 4 ? state >> 8 * i & 255 : 0);
      crc ^= table[7 - i][byte];
    }
    state = crc;
  }
  for (; count > 0; count--) state = state >> 8 ^ table[0][(state ^ *bytes++) & 255];
  return state;
}
