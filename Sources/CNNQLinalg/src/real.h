// SPDX-License-Identifier: Apache-2.0
/* What every loop needs to be compiled twice, for float and for double, and for each width of vector. */
#ifndef NNQ_REAL_H
#define NNQ_REAL_H

#include "nnq_linalg.h"
#include <string.h>

/* Clang contracts a * b + c unless told; gcc does not in C99 and does not know the pragma. */
#if defined(__clang__)
#pragma STDC FP_CONTRACT OFF
#endif

/* One body, a version for each width of vector, chosen when the program is loaded. */
#if defined(__x86_64__) && defined(__linux__) && (defined(__clang__) || defined(__GNUC__))
#define WIDE __attribute__((target_clones("default", "avx2", "avx512f")))
#else
#define WIDE
#endif
#define INLINE static inline __attribute__((always_inline))

/* A square root that need not set errno, so that loops with it become vectors. */
#if defined(__has_builtin)
#if __has_builtin(__builtin_elementwise_sqrt)
#define ROOT(x) __builtin_elementwise_sqrt(x)
#endif
#endif
#ifndef ROOT
#define ROOT(x) (sizeof(x) == sizeof(float) ? (REAL)__builtin_sqrtf((float)(x)) : (REAL)__builtin_sqrt((double)(x)))
#endif

/* Sixteen sums side by side, then in order: one order for every width of vector. The lanes hold
 * binary64 whatever is summed. */
typedef double nnq_sums __attribute__((vector_size(128)));

INLINE double nnq_total(const nnq_sums *sums) {
  double sum = 0;
  for (int j = 0; j < 16; j++) sum += (*sums)[j];
  return sum;
}

#endif
