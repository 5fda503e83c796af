/* SPDX-License-Identifier: Apache-2.0 */

/* A layer as it lies in the image: a record of 24 bytes, and data whose layout follows from the
 * record alone. */

#ifndef NNQ_LAYER_H
#define NNQ_LAYER_H

#include <stdint.h>

#include "bytes.h"

enum {
  NNQ_NETWORK_HEAD_BYTES = 8,
  NNQ_RECORD_BYTES = 24,
  NNQ_NO_TABLE = 0,
  NNQ_TABLE8 = 1,  /* i8[256], from an 8-bit code */
  NNQ_TABLE16 = 2, /* i16[513], from a 16-bit code; between two entries lie 128 codes */
  NNQ_TABLE8_BYTES = 256,
  NNQ_TABLE16_BYTES = 1026 /* two zeros follow */
};

typedef struct nnq_node {
  const uint8_t *data;
  const uint8_t *table; /* the last part of the data; read where there is one */
  uint32_t inputs;
  uint32_t outputs;
  uint32_t operation;
  uint32_t weight_bits;
  uint32_t input_bits;
  uint32_t output_bits;
  uint32_t table_kind;
  int32_t zero_point; /* this and the clamp are those of the code before the table */
  int32_t low;
  int32_t high;
} nnq_node;

/* Where the parts of a layer lie that has factors for each output. */
typedef struct nnq_rows {
  const uint8_t *bias;       /* i32[outputs] */
  const uint8_t *multiplier; /* i32[outputs] */
  const uint8_t *shift;      /* u8[outputs] */
  const uint8_t *weights;    /* dense: [outputs][inputs]; layer norm: the gain, i8[outputs] */
} nnq_rows;

/* A tensor that an add takes beside the one before it. */
typedef struct nnq_kept {
  const void *codes;
  uint32_t bits;
} nnq_kept;

/* Fills all but the table of a node from its record, and returns the bytes of the data: at most
 * 2^32 + 2^21. Any record of a known operation may be given; nothing is read from the data. */
uint64_t nnq_node_open(nnq_node *node, const uint8_t *record, const uint8_t *data,
                       uint32_t input_bits);

/* The bytes of a row of weights. */
static inline uint32_t nnq_row_bytes(const nnq_node *node) {
  return node->weight_bits == 4 ? (node->inputs + 1) / 2 : node->inputs;
}

static inline nnq_rows nnq_node_rows(const nnq_node *node) {
  nnq_rows rows;
  rows.bias = node->data;
  rows.multiplier = rows.bias + 4 * node->outputs;
  rows.shift = rows.multiplier + 4 * node->outputs;
  rows.weights = rows.shift + nnq_pad4(node->outputs);
  return rows;
}

/* 1 when the tensor that a layer hands on is the source of the next add. */
int nnq_is_kept(const uint8_t *record, uint32_t index, uint32_t layers);

/* Computes one row of a layer, in any operation. y overlaps neither x nor the layer; that of an add
 * may start where the kept tensor does. Never fails. */
void nnq_node_run(const nnq_node *node, const void *x, const nnq_kept *kept, void *y);

/* Each operation alone; they are defined beside their code. */
void nnq_dense_run(const nnq_node *node, const void *x, void *y);
void nnq_layer_norm_run(const nnq_node *node, const void *x, void *y);
void nnq_add_run(const nnq_node *node, const void *x, const nnq_kept *kept, void *y);
void nnq_gate_run(const nnq_node *node, const void *x, void *y);

#endif
