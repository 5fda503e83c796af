// SPDX-License-Identifier: Apache-2.0
#include <string.h>

#include "cpu.h"
#include "nnq_vector.h"

#if defined(NNQ_X86)

#include <nmmintrin.h>

int nnq_crc32c_is_available(void) { return nnq_this_cpu.sse42; }

__attribute__((target("sse4.2"))) uint32_t nnq_crc32c_update(uint32_t state, const uint8_t *bytes,
                                                             size_t count) {
  uint64_t crc = state;
  while (count >= sizeof crc) {
    uint64_t word;
    memcpy(&word, bytes, sizeof word);
    crc = _mm_crc32_u64(crc, word);
    bytes += sizeof word;
    count -= sizeof word;
  }
  state = (uint32_t)crc;
  while (count-- > 0) state = _mm_crc32_u8(state, *bytes++);
  return state;
}

#else

int nnq_crc32c_is_available(void) { return 0; }

uint32_t nnq_crc32c_update(uint32_t state, const uint8_t *bytes, size_t count) {
  (void)bytes;
  (void)count;
  return state;
}

#endif
