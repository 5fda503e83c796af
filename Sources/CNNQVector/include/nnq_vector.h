// SPDX-License-Identifier: Apache-2.0
/* Loops that have a form for the instructions of some CPUs. The form is chosen by the CPU that runs
 * them, and every form gives the same bits. No output overlaps an input. */
#ifndef NNQ_VECTOR_H
#define NNQ_VECTOR_H

#include <stddef.h>
#include <stdint.h>

/* Whether the CPU has instructions for SHA-256. */
int nnq_sha256_is_available(void);

/* Takes whole blocks of 64 bytes into the state of a SHA-256; only where that is available. */
void nnq_sha256_blocks(uint32_t state[8], const uint8_t *bytes, size_t blocks);

/* Whether the CPU has instructions for CRC-32C. */
int nnq_crc32c_is_available(void);

/* The register of a CRC-32C after more bytes; only where that is available. */
uint32_t nnq_crc32c_update(uint32_t state, const uint8_t *bytes, size_t count);

/* The numbers that nnq_code_products needs as room. */
size_t nnq_code_products_room(size_t outputs, size_t inputs);

/* sums[rows][outputs] = codes[rows][inputs] * transpose(weights[outputs][inputs]), modulo 2^32; the
 * room is written over. */
void nnq_code_products(const int16_t *codes, size_t rows, const int8_t *weights, size_t outputs,
                       size_t inputs, int16_t *room, int32_t *sums);

/* sums[rows][outputs] += values[rows][inputs] * columns[inputs][outputs].
 *
 * Each sum takes its products in the order of the inputs, those of inputs of 0 left out; each product
 * and each sum is rounded on its own. */
void nnq_float_products(const float *values, size_t rows, const float *columns, size_t inputs,
                        size_t outputs, float *sums);

/* Lets the allocator take memory in large pages and use that of large freed arrays again, whichever
 * thread freed it: fresh pages for each array would cost more than the work on it. */
void nnq_keep_freed_memory(void);

/* Lowers least[columns] and raises greatest[columns] to what values[rows][columns] hold. */
void nnq_column_extremes(const float *values, size_t rows, size_t columns, float *least,
                         float *greatest);

/* codes[rows][columns] = clamp(floor((reading - offset) * inverse + 0.5) + zero point, lowest,
 * highest) in binary64, for the offset, the inverse and the zero point of each column. */
void nnq_input_codes(const float *readings, size_t rows, size_t columns, const double *offsets,
                     const double *inverses, const int32_t *zero_points, int32_t lowest,
                     int32_t highest, int16_t *codes);

/* codes[rows][columns] = clamp(zero point + requantize(bias + sum), lowest, highest), where
 * requantize(x) = (x * multiplier + 2^(shift - 1)) >> shift in 64 bits; bias, multiplier and shift are
 * those of the column, and bias + sum is modulo 2^32. */
void nnq_requantize(const int32_t *sums, size_t rows, size_t columns, const int32_t *bias,
                    const int32_t *multipliers, const int64_t *shifts, int64_t zero_point,
                    int64_t lowest, int64_t highest, int16_t *codes);

/* For each column of exact[rows][columns] and the values scale * (code - zero point) of
 * codes[rows][columns]: the mean of exact - first, the sum of (exact - first - mean)^2 and the sum of
 * (exact - value)^2, each added to what stands there, rows in their order. */
void nnq_signal_and_noise(const float *exact, const int16_t *codes, size_t rows, size_t columns,
                          double scale, int32_t zero_point, const double *first, double *means,
                          double *signals, double *noises);

#endif
