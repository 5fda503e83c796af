// SPDX-License-Identifier: Apache-2.0
/* What the CPU can do, found out before main: asking it is slow on a virtual machine. */
#ifndef NNQ_VECTOR_CPU_H
#define NNQ_VECTOR_CPU_H

#if defined(__x86_64__)
#define NNQ_X86 1

typedef struct nnq_cpu {
  int sse42;
  /* SHA-256, and SSE4.1 that its loop takes too. */
  int sha;
  int avx2;
  /* AVX-512 F and BW. */
  int avx512;
} nnq_cpu;

extern nnq_cpu nnq_this_cpu;

#endif
#endif
