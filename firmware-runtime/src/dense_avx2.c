/* SPDX-License-Identifier: Apache-2.0 */

/* Eight outputs a vector. Codes are held as int16_t, as vpmaddwd is the widest product that is
 * exact for every code; weights are widened as they are read. */

#include "kernels.h"

#if defined(NNQ_X86_KERNELS)

#define NNQ_ISA __attribute__((target("avx2")))
#define NNQ_INLINE static inline __attribute__((always_inline)) NNQ_ISA
#define NNQ_TILE_ROWS 2
#define NNQ_NARROW_STEP 0

#include "dense_ymm.h"

NNQ_INLINE vec dot(vec sum, vec x, vec weight, int wide) {
  (void)wide;
  return _mm256_add_epi32(sum, _mm256_madd_epi16(x, weight));
}

NNQ_INLINE void stage8(uint8_t *bytes, const int8_t *from, uint32_t count) {
  int16_t *to = (int16_t *)(void *)bytes;
  uint32_t i = 0;
  for (; i + 16 <= count; i += 16) {
    __m128i x = _mm_loadu_si128((const __m128i *)(const void *)(from + i));
    _mm256_storeu_si256((__m256i *)(void *)(to + i), _mm256_cvtepi8_epi16(x));
  }
  for (; i < count; i++) to[i] = from[i];
  if (count & 1) to[count] = 0;
}

#include "dense_tiles.h"

NNQ_ISA void nnq_batch_avx2(const nnq_packed *packed, uint32_t rows, const void *input,
                            void *output, uint8_t *arena) {
  batch(packed, rows, input, output, arena);
}

#else
typedef int nnq_no_avx2;
#endif
