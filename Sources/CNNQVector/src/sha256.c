// SPDX-License-Identifier: Apache-2.0
/* FIPS 180-4 by the instructions of x86: two rounds each, the state as ABEF and CDGH. */
#include "cpu.h"
#include "nnq_vector.h"

#if defined(NNQ_X86)

#include <immintrin.h>

int nnq_sha256_is_available(void) { return nnq_this_cpu.sha; }

static const uint32_t constants[16][4] = {
    {0x428A2F98, 0x71374491, 0xB5C0FBCF, 0xE9B5DBA5}, {0x3956C25B, 0x59F111F1, 0x923F82A4, 0xAB1C5ED5},
    {0xD807AA98, 0x12835B01, 0x243185BE, 0x550C7DC3}, {0x72BE5D74, 0x80DEB1FE, 0x9BDC06A7, 0xC19BF174},
    {0xE49B69C1, 0xEFBE4786, 0x0FC19DC6, 0x240CA1CC}, {0x2DE92C6F, 0x4A7484AA, 0x5CB0A9DC, 0x76F988DA},
    {0x983E5152, 0xA831C66D, 0xB00327C8, 0xBF597FC7}, {0xC6E00BF3, 0xD5A79147, 0x06CA6351, 0x14292967},
    {0x27B70A85, 0x2E1B2138, 0x4D2C6DFC, 0x53380D13}, {0x650A7354, 0x766A0ABB, 0x81C2C92E, 0x92722C85},
    {0xA2BFE8A1, 0xA81A664B, 0xC24B8B70, 0xC76C51A3}, {0xD192E819, 0xD6990624, 0xF40E3585, 0x106AA070},
    {0x19A4C116, 0x1E376C08, 0x2748774C, 0x34B0BCB5}, {0x391C0CB3, 0x4ED8AA4A, 0x5B9CCA4F, 0x682E6FF3},
    {0x748F82EE, 0x78A5636F, 0x84C87814, 0x8CC70208}, {0x90BEFFFA, 0xA4506CEB, 0xBEF9A3F7, 0xC67178F2}};

static inline __m128i load(const void *at) { return _mm_loadu_si128((const __m128i *)at); }

__attribute__((target("sha,sse4.1"))) void nnq_sha256_blocks(uint32_t state[8], const uint8_t *bytes,
                                                             size_t blocks) {
  const __m128i big_endian = _mm_set_epi64x(0x0C0D0E0F08090A0B, 0x0405060700010203);
  __m128i abcd = load(state);
  __m128i efgh = load(state + 4);
  /* From the order of the standard to that of the instructions. */
  __m128i badc = _mm_shuffle_epi32(abcd, 0xB1);
  __m128i hgfe = _mm_shuffle_epi32(efgh, 0x1B);
  __m128i abef = _mm_alignr_epi8(badc, hgfe, 8);
  __m128i cdgh = _mm_blend_epi16(hgfe, badc, 0xF0);
  for (; blocks > 0; blocks--, bytes += 64) {
    const __m128i abef_before = abef, cdgh_before = cdgh;
    __m128i w[4];
    for (int step = 0; step < 16; step++) {
      __m128i *now = &w[step & 3];
      if (step < 4) {
        *now = _mm_shuffle_epi8(load(bytes + 16 * step), big_endian);
      } else {
        /* Four words of the schedule from those 16, 15, 7 and 2 places before. */
        const __m128i before = w[(step + 3) & 3];
        const __m128i middle = _mm_alignr_epi8(before, w[(step + 2) & 3], 4);
        const __m128i sum = _mm_add_epi32(_mm_sha256msg1_epu32(*now, w[(step + 1) & 3]), middle);
        *now = _mm_sha256msg2_epu32(sum, before);
      }
      const __m128i taken = _mm_add_epi32(*now, load(constants[step]));
      cdgh = _mm_sha256rnds2_epu32(cdgh, abef, taken);
      abef = _mm_sha256rnds2_epu32(abef, cdgh, _mm_shuffle_epi32(taken, 0x0E));
    }
    abef = _mm_add_epi32(abef, abef_before);
    cdgh = _mm_add_epi32(cdgh, cdgh_before);
  }
  const __m128i feba = _mm_shuffle_epi32(abef, 0x1B);
  const __m128i dchg = _mm_shuffle_epi32(cdgh, 0xB1);
  _mm_storeu_si128((__m128i *)state, _mm_blend_epi16(feba, dchg, 0xF0));
  _mm_storeu_si128((__m128i *)(state + 4), _mm_alignr_epi8(dchg, feba, 8));
}

#else

int nnq_sha256_is_available(void) { return 0; }

void nnq_sha256_blocks(uint32_t state[8], const uint8_t *bytes, size_t blocks) {
  (void)state;
  (void)bytes;
  (void)blocks;
}

#endif
