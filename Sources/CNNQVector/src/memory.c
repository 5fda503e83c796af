// SPDX-License-Identifier: Apache-2.0
#include "nnq_vector.h"

#include <stdlib.h>

#if defined(__GLIBC__)
#include <malloc.h>
#endif

void nnq_keep_freed_memory(void) {
#if defined(__GLIBC__)
  (void)mallopt(M_MMAP_THRESHOLD, 32 << 20);
  (void)mallopt(M_TRIM_THRESHOLD, 256 << 20);
#endif
}
