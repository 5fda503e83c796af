/* SPDX-License-Identifier: Apache-2.0 */

/* A layer as it lies in the image: a record of 24 bytes, and data whose layout follows from the
 * record alone. */

#ifndef NNQ_LAYER_H
#define NNQ_LAYER_H

#include <stdint.h>

#include "bytes.h"
#include "nnq.h"

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
  const uint8_t *record;
  const uint8_t *data;
  uint32_t table_start; /* in the data, whose last part the table is */
  uint32_t input_bits;
#if NNQ_LAYOUT == 1
  uint32_t *wide_end; /* of the room for the input of an arranged layer in 16 bits */
#endif
} nnq_node;

/* True for a dense layer in the layout of the image, which only a build for it runs. */
static inline int nnq_is_arranged(const uint8_t *record) {
  int are_others = NNQ_HAS_PLAIN || NNQ_HAS_LAYER_NORM || NNQ_HAS_ADD || NNQ_HAS_GATE;
  return NNQ_LAYOUT != 0 && (!are_others || record[5] != 0);
}

static inline uint32_t nnq_node_operation(const nnq_node *node) {
  int is_known = NNQ_HAS_LAYER_NORM || NNQ_HAS_ADD || NNQ_HAS_GATE;
  return is_known ? node->record[0] : (uint32_t)NNQ_OPERATION_DENSE;
}

static inline int nnq_has_4_bit_weights(const nnq_node *node) {
  return NNQ_HAS_INT4 && node->record[1] == 4;
}

static inline uint32_t nnq_node_output_bits(const nnq_node *node) { return node->record[2]; }

static inline uint32_t nnq_table_kind(const nnq_node *node) {
  return NNQ_HAS_TABLES ? node->record[4] : (uint32_t)NNQ_NO_TABLE;
}

static inline const uint8_t *nnq_table(const nnq_node *node) {
  return node->data + node->table_start;
}

static inline uint32_t nnq_node_inputs(const nnq_node *node) { return nnq_u16(node->record + 8); }
static inline uint32_t nnq_node_outputs(const nnq_node *node) { return nnq_u16(node->record + 10); }

/* This and the clamp are those of the code before the table. */
static inline int32_t nnq_node_zero_point(const nnq_node *node) {
  return nnq_i16(node->record + 12);
}

static inline int32_t nnq_node_low(const nnq_node *node) { return nnq_i16(node->record + 14); }
static inline int32_t nnq_node_high(const nnq_node *node) { return nnq_i16(node->record + 16); }

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

/* Opens a layer, and returns the bytes of its data, or more than an image may have. Any record of a
 * known operation may be given; nothing is read from the data. */
uint32_t nnq_node_open(nnq_node *node, const uint8_t *record, const uint8_t *data,
                       uint32_t input_bits);

/* The bytes of a row of weights. */
static inline uint32_t nnq_row_bytes(const nnq_node *node) {
  uint32_t inputs = nnq_node_inputs(node);
  return nnq_has_4_bit_weights(node) ? (inputs + 1) / 2 : inputs;
}

static inline nnq_rows nnq_node_rows(const nnq_node *node) {
  uint32_t outputs = nnq_node_outputs(node);
  nnq_rows rows;
  rows.bias = node->data;
  rows.multiplier = rows.bias + 4 * outputs;
  rows.shift = rows.multiplier + 4 * outputs;
  rows.weights = rows.shift + nnq_pad4(outputs);
  return rows;
}

/* 1 when the tensor that a layer hands on is the source of the next add. */
#if NNQ_HAS_ADD
int nnq_is_kept(const uint8_t *record, uint32_t index, uint32_t layers);
#else
static inline int nnq_is_kept(const uint8_t *record, uint32_t index, uint32_t layers) {
  (void)record;
  (void)index;
  (void)layers;
  return 0;
}
#endif

/* Each operation computes one row. y overlaps neither x nor the layer; that of an add may start
 * where the kept tensor does. They never fail, and are defined beside their code. */
void nnq_dense_run(const nnq_node *node, const void *x, void *y);
void nnq_dense_thumb(const nnq_node *node, const int8_t *x, int8_t *y);
void nnq_dense_arranged(const nnq_node *node, const int8_t *x, int8_t *y);
void nnq_layer_norm_run(const nnq_node *node, const void *x, void *y);
void nnq_add_run(const nnq_node *node, const void *x, const nnq_kept *kept, void *y);
void nnq_gate_run(const nnq_node *node, const void *x, void *y);

/* 1 when nnq_dense_thumb() computes a dense layer: 8 bits throughout, four rows or more, no table, a
 * clamp that ends at the highest code and shifts from 33 on. */
int nnq_takes_quads(const nnq_node *node);

/* Computes one row of a layer of any operation. */
static inline void nnq_node_run(const nnq_node *node, const void *x, const nnq_kept *kept,
                                void *y) {
  uint32_t operation = nnq_node_operation(node);
  if (NNQ_HAS_LAYER_NORM && operation == NNQ_OPERATION_LAYER_NORM) {
    nnq_layer_norm_run(node, x, y);
  } else if (NNQ_HAS_ADD && operation == NNQ_OPERATION_ADD) {
    nnq_add_run(node, x, kept, y);
  } else if (NNQ_HAS_GATE && operation == NNQ_OPERATION_GATE) {
    nnq_gate_run(node, x, y);
  } else if (NNQ_LAYOUT != 0 && (!NNQ_HAS_PLAIN || nnq_is_arranged(node->record))) {
    nnq_dense_arranged(node, x, y);
  } else if (NNQ_HAS_THUMB && nnq_takes_quads(node)) {
    nnq_dense_thumb(node, x, y);
  } else {
    nnq_dense_run(node, x, y);
  }
}

#endif
