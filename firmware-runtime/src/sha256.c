/* SPDX-License-Identifier: Apache-2.0 */

/* SHA-256 as FIPS 180-4 has it, from 32-bit additions and rotations: no table but its constants, no
 * state but the stack. It stands alone, so that a device that calls nothing signed does not link it. */

#include "nnq.h"

static const uint32_t constants[64] = {
    0x428A2F98, 0x71374491, 0xB5C0FBCF, 0xE9B5DBA5, 0x3956C25B, 0x59F111F1, 0x923F82A4, 0xAB1C5ED5,
    0xD807AA98, 0x12835B01, 0x243185BE, 0x550C7DC3, 0x72BE5D74, 0x80DEB1FE, 0x9BDC06A7, 0xC19BF174,
    0xE49B69C1, 0xEFBE4786, 0x0FC19DC6, 0x240CA1CC, 0x2DE92C6F, 0x4A7484AA, 0x5CB0A9DC, 0x76F988DA,
    0x983E5152, 0xA831C66D, 0xB00327C8, 0xBF597FC7, 0xC6E00BF3, 0xD5A79147, 0x06CA6351, 0x14292967,
    0x27B70A85, 0x2E1B2138, 0x4D2C6DFC, 0x53380D13, 0x650A7354, 0x766A0ABB, 0x81C2C92E, 0x92722C85,
    0xA2BFE8A1, 0xA81A664B, 0xC24B8B70, 0xC76C51A3, 0xD192E819, 0xD6990624, 0xF40E3585, 0x106AA070,
    0x19A4C116, 0x1E376C08, 0x2748774C, 0x34B0BCB5, 0x391C0CB3, 0x4ED8AA4A, 0x5B9CCA4F, 0x682E6FF3,
    0x748F82EE, 0x78A5636F, 0x84C87814, 0x8CC70208, 0x90BEFFFA, 0xA4506CEB, 0xBEF9A3F7, 0xC67178F2};

static uint32_t turn(uint32_t x, unsigned count) { return x >> count | x << (32 - count); }

/* Takes in one block of 64 bytes. The schedule keeps the 16 words that are still needed. */
static void take_block(uint32_t state[8], const uint8_t *bytes) {
  uint32_t w[16];
  uint32_t s[8];
  for (unsigned i = 0; i < 8; i++) s[i] = state[i];
  for (unsigned t = 0; t < 64; t++) {
    if (t < 16) {
      w[t] = (uint32_t)bytes[4 * t] << 24 | (uint32_t)bytes[4 * t + 1] << 16 |
             (uint32_t)bytes[4 * t + 2] << 8 | bytes[4 * t + 3];
    } else {
      uint32_t x = w[(t + 1) & 15], y = w[(t + 14) & 15];
      w[t & 15] += (turn(x, 7) ^ turn(x, 18) ^ x >> 3) + w[(t + 9) & 15] +
                   (turn(y, 17) ^ turn(y, 19) ^ y >> 10);
    }
    uint32_t e = s[4], a = s[0];
    uint32_t first = s[7] + (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) +
                     ((e & s[5]) ^ (~e & s[6])) + constants[t] + w[t & 15];
    uint32_t second =
        (turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + ((a & s[1]) ^ (a & s[2]) ^ (s[1] & s[2]));
    for (unsigned i = 7; i > 0; i--) s[i] = s[i - 1];
    s[4] += first;
    s[0] = first + second;
  }
  for (unsigned i = 0; i < 8; i++) state[i] += s[i];
}

void nnq_sha256(const void *bytes, size_t size, uint8_t *digest) {
  uint32_t state[8] = {0x6A09E667, 0xBB67AE85, 0x3C6EF372, 0xA54FF53A,
                       0x510E527F, 0x9B05688C, 0x1F83D9AB, 0x5BE0CD19};
  const uint8_t *rest = bytes;
  size_t left = size;
  for (; left >= 64; left -= 64, rest += 64) take_block(state, rest);

  uint8_t block[64] = {0};
  for (size_t i = 0; i < left; i++) block[i] = rest[i];
  block[left] = 0x80;
  if (left >= 56) {
    take_block(state, block);
    for (unsigned i = 0; i < 64; i++) block[i] = 0;
  }
  uint64_t bits = (uint64_t)size * 8;
  for (unsigned i = 0; i < 8; i++) block[63 - i] = (uint8_t)(bits >> 8 * i);
  take_block(state, block);
  for (unsigned i = 0; i < NNQ_SHA256_BYTES; i++) {
    digest[i] = (uint8_t)(state[i / 4] >> (24 - 8 * (i % 4)));
  }
}
