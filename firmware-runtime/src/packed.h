/* SPDX-License-Identifier: Apache-2.0 */

/* A network packed for a kernel: one block of memory without pointers into itself, so that it may
 * be moved. Only nnq_pack() writes it.
 *
 * The outputs of a layer are cut into blocks of as many outputs as a vector has lanes, the last one
 * filled up with outputs of zero weights. Four blocks together are a quad; up to three single
 * blocks follow the last quad. Each quad and each single block holds its weights as one stream in
 * the order in which they are used: [step][block][lane][inputs of a step]. Of weights of 4 bits the
 * low halves of a step's bytes are for the first half of its inputs, the high ones for the rest. */

#ifndef NNQ_PACKED_H
#define NNQ_PACKED_H

#include <stddef.h>
#include <stdint.h>

#include "nnq.h"

/* How a kernel holds a code between layers. */
enum {
  NNQ_FORM_SIGNED,   /* int8_t */
  NNQ_FORM_UNSIGNED, /* uint8_t, the code + 128 */
  NNQ_FORM_WIDE,     /* int16_t */
  NNQ_FORM_SPLIT     /* of four codes + 128 the low four bits, in a byte each, then the high ones */
};

/* What a kernel multiplies in a layer: bits of codes, as it holds them, by bits of weights. */
enum { NNQ_8X8, NNQ_16X8, NNQ_8X4, NNQ_PRODUCTS };

enum {
  NNQ_QUAD = 4,
  NNQ_MOST_ROWS = 6,   /* of a tile of a quad */
  NNQ_TILE_SUMS = NNQ_QUAD * NNQ_MOST_ROWS,
  NNQ_BATCH_ROWS = 48, /* rows that go through a layer together */
  NNQ_CONSTANTS = 3,   /* vectors of a block: bias, multiplier, shift */
  NNQ_LIMITS = 2       /* vectors of a block: limit, left shift */
};

typedef struct nnq_packed_layer {
  uint32_t record;    /* both in bytes from the start of the network section */
  uint32_t data;
  uint32_t weights;   /* all four in bytes from the start of the packed network */
  uint32_t constants; /* int32[blocks][NNQ_CONSTANTS][lanes] */
  uint32_t limits;    /* int32[blocks][NNQ_LIMITS][lanes], or 0: every shift is at least 33 */
  uint32_t table;     /* uint8[256], from stored byte to stored byte, or 0 */
  uint32_t outputs;
  uint32_t blocks;
  uint32_t steps;
  uint32_t input_stride; /* bytes from a row of inputs to the next in the arena */
  int32_t zero_point;
  int32_t low;
  int32_t high;
  int32_t rounding;     /* 2 * zero_point + 1 */
  uint8_t flip;         /* of the bits of a code of 8 bits, from output_form */
  uint8_t output_bytes; /* of a code, from output_form */
  uint8_t product;
  uint8_t input_form;
  uint8_t output_form;
  uint8_t is_scalar; /* 1: no kernel knows it; it has no packed parts and runs as in nnq_run() */
  uint8_t is_kept;   /* 1: a later add takes what it hands on */
} nnq_packed_layer;

typedef struct nnq_packed {
  const uint8_t *network; /* of the model that was packed */
  uint64_t shape;
  uint32_t magic;
  uint32_t kernel;
  uint32_t row_bytes[3]; /* of a row in either half of the arena, and of a kept row behind them */
  uint32_t arena_row_bytes; /* the sum of these */
  uint32_t inputs;
  uint32_t outputs;
  uint32_t input_bits;
  uint32_t output_bits;
  uint32_t input_bytes; /* of a row */
  uint32_t output_bytes;
  uint32_t layers;
  nnq_packed_layer layer[];
} nnq_packed;

#define NNQ_PACKED_MAGIC UINT32_C(0x4B504E8E)

/* The bytes of a code between layers. */
static inline uint32_t nnq_form_bytes(uint32_t form) {
  return form == NNQ_FORM_WIDE || form == NNQ_FORM_SPLIT ? 2 : 1;
}

/* 1 where a code is held 128 too high. */
static inline int nnq_is_unsigned_form(uint32_t form) {
  return form == NNQ_FORM_UNSIGNED || form == NNQ_FORM_SPLIT;
}

/* The code + 128 at an index of codes in the split form. */
static inline uint8_t nnq_split(const uint8_t *codes, uint32_t index) {
  const uint8_t *low = codes + index / 4 * 8 + index % 4;
  return (uint8_t)(low[0] | low[4] << 4);
}

static inline void nnq_set_split(uint8_t *codes, uint32_t index, uint8_t code) {
  uint8_t *low = codes + index / 4 * 8 + index % 4;
  low[0] = code & 15;
  low[4] = code >> 4;
}

/* What a packed network must have in common with a model beside the network's address. */
static inline uint64_t nnq_shape(const nnq_model *model) {
  return model->input_count | (uint64_t)model->output_count << 16 |
         (uint64_t)model->layer_count << 32 | (uint64_t)model->input_bits << 40 |
         (uint64_t)model->output_bits << 48;
}

/* Where the rows of a tensor lie. */
typedef struct nnq_matrix {
  uint8_t *codes;
  size_t stride; /* bytes from a row to the next */
} nnq_matrix;

/* Computes rows of a layer that no kernel knows; input holds the model's input, kept the kept
 * tensor. x and the kept tensor are codes as nnq_run() has them, y takes the layer's output form. */
void nnq_scalar_rows(const nnq_packed *packed, uint32_t index, uint32_t rows, const uint8_t *input,
                     nnq_matrix x, nnq_matrix kept, nnq_matrix y);

/* Keeps rows that a layer handed on in its output form. */
void nnq_keep_rows(const nnq_packed *packed, uint32_t index, uint32_t rows, nnq_matrix y,
                   nnq_matrix kept);

#endif
