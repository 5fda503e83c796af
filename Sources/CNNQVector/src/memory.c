// SPDX-License-Identifier: Apache-2.0
#if defined(__linux__)
#define _DEFAULT_SOURCE
#endif

#include "nnq_vector.h"

#include <stdlib.h>

#if defined(__GLIBC__)

#include <malloc.h>
#include <sys/mman.h>
#include <unistd.h>

void nnq_keep_freed_memory(void) {
  enum { MIB = 1 << 20, STEP = 64 * MIB, PAGE = 2 * MIB };
  (void)mallopt(M_MMAP_THRESHOLD, 32 * MIB);
  (void)mallopt(M_TRIM_THRESHOLD, 256 * MIB);
  (void)mallopt(M_ARENA_MAX, 1);
  (void)mallopt(M_TOP_PAD, STEP);
  /* The next array does not fit what the heap has, so that the heap grows by a step. */
  const uintptr_t before = (uintptr_t)sbrk(0);
  void *volatile array = malloc(MIB);
  free(array);
  const uintptr_t after = (uintptr_t)sbrk(0);
  const uintptr_t start = (before + PAGE - 1) / PAGE * PAGE;
  if (after > start && after - before <= STEP + 2 * MIB) {
    (void)madvise((void *)start, after - start, MADV_HUGEPAGE);
  }
}

#else

void nnq_keep_freed_memory(void) {}

#endif
