/* SPDX-License-Identifier: Apache-2.0 */

#include "crc32c.h"

#include "parts.h"

#if NNQ_HAS_CRC_TABLE

/* What four zero steps make of each low nibble: 64 bytes of flash instead of 1,024. */
static const uint32_t nibbles[16] = {
    0x00000000U, 0x105EC76FU, 0x20BD8EDEU, 0x30E349B1U, 0x417B1DBCU, 0x5125DAD3U,
    0x61C69362U, 0x7198540DU, 0x82F63B78U, 0x92A8FC17U, 0xA24BB5A6U, 0xB21572C9U,
    0xC38D26C4U, 0xD3D3E1ABU, 0xE330A81AU, 0xF36E6F75U,
};

uint32_t nnq_crc32c(uint32_t state, const uint8_t *bytes, uint32_t count) {
  for (uint32_t i = 0; i < count; i++) {
    state ^= bytes[i];
    state = state >> 4 ^ nibbles[state & 15];
    state = state >> 4 ^ nibbles[state & 15];
  }
  return state;
}

#else

uint32_t nnq_crc32c(uint32_t state, const uint8_t *bytes, uint32_t count) {
  for (; count > 0; count--) {
    state ^= *bytes++;
    for (uint32_t bit = 0; bit < 8; bit++) {
      state = state >> 1 ^ ((state & 1) != 0 ? UINT32_C(0x82F63B78) : 0);
    }
  }
  return state;
}

#endif
