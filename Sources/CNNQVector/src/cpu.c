// SPDX-License-Identifier: Apache-2.0
#include "cpu.h"

#if defined(NNQ_X86)

#include <cpuid.h>

enum { YMM_STATE = 0x06, ZMM_STATE = 0xE6 };

enum {
  SSE41_SSE42 = 3u << 19, /* leaf 1, ecx, as the next */
  OSXSAVE = 1u << 27,
  AVX2 = 1u << 5, /* leaf 7, ebx, as the next two */
  AVX512_F_BW = 1u << 16 | 1u << 30,
  SHA = 1u << 29
};

nnq_cpu nnq_this_cpu;

__attribute__((constructor)) static void ask(void) {
  unsigned a, b, c, d;
  unsigned first = 0, seventh = 0, saved = 0;
  if (__get_cpuid(1, &a, &b, &c, &d)) first = c;
  if (__get_cpuid_count(7, 0, &a, &b, &c, &d)) seventh = b;
  /* The registers that the system saves. */
  if (first & OSXSAVE) __asm__ volatile("xgetbv" : "=a"(saved), "=d"(d) : "c"(0));
  nnq_this_cpu.sse42 = (first & SSE41_SSE42) == SSE41_SSE42;
  nnq_this_cpu.sha = nnq_this_cpu.sse42 && (seventh & SHA);
  nnq_this_cpu.avx2 = (saved & YMM_STATE) == YMM_STATE && (seventh & AVX2);
  nnq_this_cpu.avx512 =
      (saved & ZMM_STATE) == ZMM_STATE && (seventh & AVX512_F_BW) == AVX512_F_BW;
}

#endif
