/* SPDX-License-Identifier: Apache-2.0 */

/* A dense layer as it lies in the image: a record of 24 bytes, and data whose layout follows from
 * the record alone. */

#ifndef NNQ_DENSE_H
#define NNQ_DENSE_H

#include <stdint.h>

enum {
  NNQ_NETWORK_HEAD_BYTES = 8,
  NNQ_RECORD_BYTES = 24,
  NNQ_TABLE_BYTES = 256
};

typedef struct nnq_dense {
  const uint8_t *bias;       /* i32[outputs] */
  const uint8_t *multiplier; /* i32[outputs] */
  const uint8_t *shift;      /* u8[outputs] */
  const int8_t *weights;     /* [outputs][inputs] */
  const int8_t *table;       /* the code for each of -128 ... 127, or null */
  uint32_t inputs;
  uint32_t outputs;
  uint32_t input_bits;
  uint32_t output_bits;
  int32_t zero_point;
  int32_t low;
  int32_t high;
} nnq_dense;

/* The bytes of a layer's data. At most 2^32 + 2^20, so that 64 bits hold it for every record. */
uint64_t nnq_dense_bytes(const uint8_t *record);

/* Opens a layer whose data is known to lie in the image. */
void nnq_dense_open(nnq_dense *layer, const uint8_t *record, const uint8_t *data,
                    uint32_t input_bits);

/* Computes one row of a dense layer.
 *
 * Shape:    x[inputs], weights[outputs][inputs] row by row, y[outputs].
 * Result:   y[o] = clamp(zero point + requantize(bias[o] + sum w[o][i] * x[i]), low, high), then
 *           the table where there is one. The bound that nnq_load() checked for each row keeps
 *           every partial sum within int32, in any order of summation.
 * Aliasing: y overlaps neither x nor the layer. Never fails. */
void nnq_dense_scalar(const nnq_dense *layer, const void *x, void *y);

#endif
