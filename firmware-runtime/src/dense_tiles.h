/* SPDX-License-Identifier: Apache-2.0 */

/* The part that all vector kernels share, compiled into each for its instruction set. Before this
 * file is included, a kernel defines
 *
 *   NNQ_INLINE      how its small functions are declared, with the target attribute
 *   NNQ_LANES       int32 lanes of vec
 *   NNQ_TILE_ROWS   rows that share one reading of the weights, 2, 3 or 6
 *   NNQ_NARROW_STEP, NNQ_WIDE_STEP   inputs of a step, as in its nnq_packing
 *
 * and the types vec, code_vec and weight_vec with the functions
 *
 *   zero, add, load(int32, aligned)
 *   weights(at, wide), codes(at, wide)   one step of NNQ_LANES outputs; of one row, in all lanes
 *   dot(sum, codes, weights, wide)       sum plus the products of a step, modulo 2^32
 *   limit(sum, limit, left)              clamp to -limit ... limit, then shift left
 *   scale(sum, multiplier, shift)        floor(sum * multiplier / 2^(32 + shift))
 *   store_quad, store_block, store_rows  see finish(): four blocks of a row, one, one of four rows
 *   stage8, stage16                      input codes into the arena
 *
 * `wide` tells that codes are held as int16_t. It is a constant wherever it is handed on, as are
 * the sizes of a tile, so that every loop over them unrolls and the sums stay in registers. Such
 * loops are not nested: gcc 12 would unroll only the inner one in time. */

#ifndef NNQ_DENSE_TILES_H
#define NNQ_DENSE_TILES_H

#include "bytes.h"
#include "packed.h"

enum { NNQ_MOST_ROWS = 6, NNQ_TILE_SUMS = NNQ_QUAD * NNQ_MOST_ROWS };

/* Where the results of a layer go. */
typedef struct target {
  uint8_t *y;
  size_t stride;
  uint32_t codes; /* codes that a row may take; past `outputs` only within the arena */
} target;

NNQ_INLINE uint32_t code_bytes(uint32_t form) { return form == NNQ_FORM_WIDE ? 2 : 1; }

/* Requantizes the sums of a tile and stores them.
 *
 * floor((sum * m + 2^(s-1)) / 2^s) is floor((t + 1) / 2) with t = floor(sum * m / 2^(s-1)), and
 * s - 1 is at least 32 after packing. scale() gives t; the stores do the rest, with saturation on
 * the way to fewer bits, which lies outside every clamp. */
NNQ_INLINE void finish(const nnq_packed_layer *layer, const uint8_t *base, uint32_t block,
                       const target *to, uint32_t row, vec *sums, int blocks, int rows) {
  const int32_t *constants = (const int32_t *)(const void *)(base + layer->constants);
  constants += (size_t)block * NNQ_CONSTANTS * NNQ_LANES;
  if (layer->limits) {
    const int32_t *limits = (const int32_t *)(const void *)(base + layer->limits);
    limits += (size_t)block * NNQ_LIMITS * NNQ_LANES;
    NNQ_UNROLL for (int i = 0; i < rows * blocks; i++) {
      const int32_t *own = limits + i % blocks * (NNQ_LIMITS * NNQ_LANES);
      sums[i] = limit(sums[i], load(own), load(own + NNQ_LANES));
    }
  }
  NNQ_UNROLL for (int i = 0; i < rows * blocks; i++) {
    const int32_t *own = constants + i % blocks * (NNQ_CONSTANTS * NNQ_LANES);
    sums[i] = scale(sums[i], load(own + NNQ_LANES), load(own + 2 * NNQ_LANES));
  }
  uint32_t column = block * NNQ_LANES;
  uint8_t *y = to->y + row * to->stride + (size_t)column * code_bytes(layer->output_form);
  uint32_t left = to->codes - column;
  if (blocks == NNQ_QUAD) {
    NNQ_UNROLL for (int r = 0; r < rows; r++, y += to->stride) {
      store_quad(y, &sums[r * blocks], layer, left);
    }
  } else if (rows % 4 == 0) {
    NNQ_UNROLL for (int r = 0; r < rows; r += 4, y += 4 * to->stride) {
      store_rows(y, to->stride, &sums[r], layer, left);
    }
  } else {
    NNQ_UNROLL for (int r = 0; r < rows; r++, y += to->stride) {
      store_block(y, sums[r], layer, left);
    }
  }
}

/* Adds one step to the sums [rows][blocks] of a tile. The fewer of rows and blocks stay in
 * registers beside the sums. */
NNQ_INLINE void advance(vec *sums, const uint8_t *w, const uint8_t *x, size_t stride, int wide,
                        int blocks, int rows) {
  const int vector = NNQ_LANES * (wide ? NNQ_WIDE_STEP : NNQ_NARROW_STEP);
  code_vec in[NNQ_MOST_ROWS];
  weight_vec weight[NNQ_QUAD];
  if (rows > blocks) {
    NNQ_UNROLL for (int b = 0; b < blocks; b++) weight[b] = weights(w + b * vector, wide);
    NNQ_UNROLL for (int i = 0; i < rows * blocks; i++) {
      if (i % blocks == 0) in[0] = codes(x + (uint32_t)(i / blocks) * stride, wide);
      sums[i] = dot(sums[i], in[0], weight[i % blocks], wide);
    }
  } else {
    NNQ_UNROLL for (int r = 0; r < rows; r++) in[r] = codes(x + (uint32_t)r * stride, wide);
    NNQ_UNROLL for (int i = 0; i < rows * blocks; i++) {
      int r = i % rows, b = i / rows;
      if (r == 0) weight[0] = weights(w + b * vector, wide);
      sums[r * blocks + b] = dot(sums[r * blocks + b], in[r], weight[0], wide);
    }
  }
}

/* Computes some blocks of outputs for some rows. Several chains of sums, 1, 2 or 4, take the steps
 * in turn where a tile has too few sums to keep the multipliers busy. */
NNQ_INLINE void tile(const nnq_packed_layer *layer, const uint8_t *base, uint32_t block,
                     const uint8_t *x, const target *to, uint32_t row, int wide, int blocks,
                     int rows, int chains) {
  const uint32_t vector = NNQ_LANES * (wide ? NNQ_WIDE_STEP : NNQ_NARROW_STEP);
  const int w_step = blocks * (int)vector;
  const int x_step = wide ? 2 * NNQ_WIDE_STEP : NNQ_NARROW_STEP;
  const size_t stride = layer->input_stride;
  const int own = rows * blocks;
  const uint8_t *w = base + layer->weights + (size_t)block * layer->steps * vector;
  const int32_t *bias = (const int32_t *)(const void *)(base + layer->constants);
  bias += (size_t)block * NNQ_CONSTANTS * NNQ_LANES;
  vec sums[NNQ_TILE_SUMS];
  NNQ_UNROLL for (int i = 0; i < own; i++) {
    sums[i] = load(bias + i % blocks * (NNQ_CONSTANTS * NNQ_LANES));
  }
  NNQ_UNROLL for (int i = own; i < own * chains; i++) sums[i] = zero();

  x += row * stride;
  uint32_t left = layer->steps;
  for (; left >= (uint32_t)chains; left -= (uint32_t)chains) {
    advance(sums, w, x, stride, wide, blocks, rows);
    if (chains > 1) advance(sums + own, w + w_step, x + x_step, stride, wide, blocks, rows);
    if (chains > 2) {
      advance(sums + 2 * own, w + 2 * w_step, x + 2 * x_step, stride, wide, blocks, rows);
      advance(sums + 3 * own, w + 3 * w_step, x + 3 * x_step, stride, wide, blocks, rows);
    }
    w += chains * w_step;
    x += chains * x_step;
  }
  if (chains > 1) {
    for (; left > 0; left--, w += w_step, x += x_step) {
      advance(sums, w, x, stride, wide, blocks, rows);
    }
    NNQ_UNROLL for (int i = own; i < own * chains; i++) sums[i % own] = add(sums[i % own], sums[i]);
  }
  finish(layer, base, block, to, row, sums, blocks, rows);
}

/* Computes a quad for all rows, in tiles of nearly the same number of rows. */
NNQ_INLINE void quad(const nnq_packed_layer *layer, const uint8_t *base, uint32_t block,
                     const uint8_t *x, const target *to, uint32_t rows, int wide) {
  uint32_t row = 0;
  for (uint32_t tiles = (rows + NNQ_TILE_ROWS - 1) / NNQ_TILE_ROWS; tiles > 0; tiles--) {
    uint32_t together = (rows - row + tiles - 1) / tiles;
    switch (together) {
      case 1: tile(layer, base, block, x, to, row, wide, NNQ_QUAD, 1, 2); break;
      case 2: tile(layer, base, block, x, to, row, wide, NNQ_QUAD, 2, 1); break;
#if NNQ_TILE_ROWS > 2
      case 3: tile(layer, base, block, x, to, row, wide, NNQ_QUAD, 3, 1); break;
#endif
#if NNQ_TILE_ROWS > 3
      case 4: tile(layer, base, block, x, to, row, wide, NNQ_QUAD, 4, 1); break;
      case 5: tile(layer, base, block, x, to, row, wide, NNQ_QUAD, 5, 1); break;
      default: tile(layer, base, block, x, to, row, wide, NNQ_QUAD, 6, 1); break;
#endif
    }
    row += together;
  }
}

/* Computes a single block for all rows. */
NNQ_INLINE void single(const nnq_packed_layer *layer, const uint8_t *base, uint32_t block,
                       const uint8_t *x, const target *to, uint32_t rows, int wide) {
  uint32_t row = 0;
  for (; rows - row >= 8; row += 8) tile(layer, base, block, x, to, row, wide, 1, 8, 1);
  if (rows - row >= 4) {
    tile(layer, base, block, x, to, row, wide, 1, 4, 2);
    row += 4;
  }
  for (; row < rows; row++) tile(layer, base, block, x, to, row, wide, 1, 1, 4);
}

NNQ_INLINE void columns(const nnq_packed_layer *layer, const uint8_t *base, const uint8_t *x,
                        const target *to, uint32_t rows, int wide) {
  uint32_t block = 0;
  for (; block + NNQ_QUAD <= layer->blocks; block += NNQ_QUAD) {
    quad(layer, base, block, x, to, rows, wide);
  }
  for (; block < layer->blocks; block++) single(layer, base, block, x, to, rows, wide);
}

NNQ_INLINE void look_up(const nnq_packed_layer *layer, const uint8_t *table, const target *to,
                        uint32_t rows) {
  for (uint32_t row = 0; row < rows; row++) {
    uint8_t *y = to->y + row * to->stride;
    if (layer->output_form == NNQ_FORM_WIDE) {
      int16_t *codes = (int16_t *)(void *)y;
      for (uint32_t o = 0; o < layer->outputs; o++) {
        codes[o] = (int8_t)table[(uint8_t)codes[o]];
      }
    } else {
      for (uint32_t o = 0; o < layer->outputs; o++) y[o] = table[y[o]];
    }
  }
}

NNQ_INLINE void dense(const nnq_packed_layer *layer, const uint8_t *base, const uint8_t *x,
                      const target *to, uint32_t rows) {
#if NNQ_NARROW_STEP > 0
  if (layer->input_form != NNQ_FORM_WIDE) columns(layer, base, x, to, rows, 0);
  else columns(layer, base, x, to, rows, 1);
#else
  columns(layer, base, x, to, rows, 1);
#endif
  if (layer->table) look_up(layer, base + layer->table, to, rows);
}

/* Copies input codes into the arena, in the form that the first layer takes, each row filled up to
 * whole steps. A layer that no kernel knows reads them where they are. */
NNQ_INLINE void stage(const nnq_packed *packed, const uint8_t *input, size_t input_bytes,
                      uint32_t rows, uint8_t *x) {
  if (packed->layer[0].is_scalar) return;
  for (uint32_t row = 0; row < rows; row++) {
    if (packed->input_bits == 8) stage8(x, (const int8_t *)input, packed->inputs);
    else stage16((int16_t *)(void *)x, (const int16_t *)(const void *)input, packed->inputs);
    input += input_bytes;
    x += packed->layer[0].input_stride;
  }
}

/* Computes rows of a network: blocks of rows, each through all layers, between the two halves of
 * the arena. */
NNQ_INLINE void batch(const nnq_packed *packed, uint32_t rows, const uint8_t *input,
                      uint8_t *output, uint8_t *arena) {
  const uint8_t *base = (const uint8_t *)packed;
  const uint32_t layers = packed->layers;
  const size_t input_bytes = packed->inputs * (size_t)(packed->input_bits / 8);
  const size_t output_bytes = packed->outputs * (size_t)(packed->output_bits / 8);
  while (rows > 0) {
    uint32_t together = rows < NNQ_BATCH_ROWS ? rows : NNQ_BATCH_ROWS;
    uint8_t *half[2] = {arena, arena + (size_t)together * packed->row_bytes[0]};
    nnq_matrix kept = {half[1] + (size_t)together * packed->row_bytes[1], packed->row_bytes[2]};
    stage(packed, input, input_bytes, together, half[0]);
    for (uint32_t index = 0; index < layers; index++) {
      const nnq_packed_layer *layer = &packed->layer[index];
      target to = {output, output_bytes, packed->outputs};
      if (index + 1 < layers) {
        to.y = half[(index + 1) & 1];
        to.stride = packed->layer[index + 1].input_stride;
        to.codes = layer->blocks * NNQ_LANES;
      }
      nnq_matrix y = {to.y, to.stride};
      if (layer->is_scalar) {
        nnq_matrix x = {half[index & 1], layer->input_stride};
        nnq_scalar_rows(packed, index, together, input, x, kept, y);
      } else {
        dense(layer, base, half[index & 1], &to, together);
      }
      if (layer->is_kept) nnq_keep_rows(packed, index, together, y, kept);
    }
    input += together * input_bytes;
    output += together * output_bytes;
    rows -= together;
  }
}

#endif
