/* SPDX-License-Identifier: Apache-2.0 */

/* The kernels beside the scalar one. Each file dense_*.c is empty on a machine of another kind, and
 * everywhere when NNQ_NO_SIMD is defined. */

#ifndef NNQ_KERNELS_H
#define NNQ_KERNELS_H

#include <stddef.h>
#include <stdint.h>

#include "packed.h"
#include "parts.h"

#if NNQ_HAS_SIMD && defined(__GNUC__) && defined(__x86_64__)
#define NNQ_X86_KERNELS 1
#elif NNQ_HAS_SIMD && defined(__GNUC__) && defined(__aarch64__) && \
    __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define NNQ_ARM_KERNELS 1
#endif

#if defined(NNQ_X86_KERNELS) || defined(NNQ_ARM_KERNELS)
#define NNQ_SIMD_KERNELS 1
#endif

/* Before a loop over registers, whose bounds are constants. */
#define NNQ_UNROLL _Pragma("GCC unroll 24")

/* What packing must know of a kernel. */
typedef struct nnq_packing {
  uint8_t lanes;       /* outputs of a block */
  uint8_t interleaved; /* 1: the outputs of a quad are dealt out in fours, as packing gathers them */
  uint8_t flip;        /* of the bits of every 4-bit weight */
  struct {
    uint8_t form; /* how it takes codes */
    uint8_t step; /* inputs of a step; 0 where codes or weights are widened for another product */
  } product[NNQ_PRODUCTS];
} nnq_packing;

/* Computes rows of a packed network; the arena holds NNQ_BATCH_ROWS rows, or all. Never fails. */
typedef void nnq_batch(const nnq_packed *packed, uint32_t rows, const void *input, void *output,
                       uint8_t *arena);

typedef struct nnq_kernel {
  const char *name;
  int (*is_available)(void);
  nnq_batch *run;
  nnq_packing packing;
} nnq_kernel;

/* The kernel at an index from 1 to nnq_kernels() - 1. */
const nnq_kernel *nnq_kernel_at(uint32_t index);

nnq_batch nnq_batch_avx2, nnq_batch_avxvnni, nnq_batch_avx512vnni, nnq_batch_neon,
    nnq_batch_neondot;

#endif
