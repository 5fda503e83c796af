// SPDX-License-Identifier: Apache-2.0
/* What a CPU can do at most: the loops that a kernel of firmware-runtime cannot outrun. The caller
 * takes the time, and calls only for a kernel that this CPU runs. */
#ifndef NNQ_LIMIT_H
#define NNQ_LIMIT_H

#include <stddef.h>
#include <stdint.h>

/* Multiplies nothing but registers, with the instructions that the kernel of this name takes for
 * codes and weights of so many bits; returns the products of codes by weights that were added up, or
 * 0 for a kernel whose limit is not known. */
uint64_t nnq_limit_multiply(const char *kernel, int code_bits, int weight_bits, uint32_t rounds);

/* Reads so many bytes, from an address that is a multiple of 64, with the widest loads of the kernel;
 * returns how many, or 0 as above. */
uint64_t nnq_limit_read(const char *kernel, const void *memory, size_t bytes);

/* The processors that a thread may run on, as sched_getaffinity() has them. */
typedef struct nnq_limit_processors {
  uint64_t bits[16];
} nnq_limit_processors;

/* Keeps this thread on the processor that it runs on; returns 1 and where it could run before, or 0
 * where the system does not let it. */
int nnq_limit_stay(nnq_limit_processors *before);

/* Lets it run there again. */
void nnq_limit_move(const nnq_limit_processors *processors);

#endif
