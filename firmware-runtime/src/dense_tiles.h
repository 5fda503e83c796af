/* SPDX-License-Identifier: Apache-2.0 */

/* The part that all vector kernels share, compiled into each for its instruction set. Before this
 * file is included, a kernel defines
 *
 *   NNQ_INLINE      how its small functions are declared, with the target attribute
 *   NNQ_APART       the attributes of a function that is not inlined
 *   NNQ_LANES       int32 lanes of vec
 *   NNQ_TILE_ROWS(product)   rows that share one reading of the weights, at most 6
 *   NNQ_SINGLE_ROWS(product) the same of a single block, 4 or 8
 *   NNQ_KNOWS(product)       whether the kernel has it, as in its nnq_packing
 *   NNQ_WIDE_STEP            inputs of a step of 16-bit codes
 *   NNQ_IS_SHORT(product)    whether short_steps() computes it; not defined where there is none
 *
 * and the types vec, code_vec and weight_vec with the functions
 *
 *   zero, add, load(int32, aligned)
 *   weights(at, product, part)           what a dot() takes of NNQ_LANES outputs; a step of 4-bit
 *                                        weights has two parts
 *   codes(at, product)                   and of one row, in all lanes
 *   dot(sum, codes, weights, product)    sum plus the products, modulo 2^32
 *   short_steps                          adds all steps to the sums of a tile
 *   begin(bias, product)                 a sum before the first step
 *   settle(sum, bias, share)             a sum of 4-bit weights after the last step
 *   share_of(codes, steps)               what settle() takes of a row of codes
 *   limit(sum, limit, left)              clamp to -limit ... limit, then shift left
 *   scale(sum, multiplier, shift)        floor(sum * multiplier / 2^(32 + shift))
 *   store_quad, store_block, store_rows  see finish(): four blocks of a row, one, one of four rows
 *   stage8, stage16                      input codes into the arena
 *
 * `product` is one of NNQ_8X8, NNQ_16X8 and NNQ_8X4. It is a constant wherever it is handed on, as
 * are the sizes of a tile, so that every loop over them unrolls and the sums stay in registers.
 * Such loops are not nested: gcc 12 would unroll only the inner one in time. */

#ifndef NNQ_DENSE_TILES_H
#define NNQ_DENSE_TILES_H

#include "bytes.h"
#include "packed.h"

/* Where the results of a layer go. */
typedef struct target {
  uint8_t *y;
  size_t stride;
  uint32_t codes; /* codes that a row may take; past `outputs` only within the arena */
} target;

/* What the next blocks of a layer are made of, and where they go. */
typedef struct place {
  const uint8_t *weights;
  const int32_t *constants;
  const int32_t *limits; /* where the layer has them */
  target to;
} place;

/* Goes on behind so many blocks. */
NNQ_INLINE void pass_by(const nnq_packed_layer *layer, place *at, int blocks, int block_bytes) {
  at->weights += (size_t)layer->steps * (uint32_t)(blocks * block_bytes);
  at->constants += blocks * NNQ_CONSTANTS * NNQ_LANES;
  at->limits += blocks * NNQ_LIMITS * NNQ_LANES;
  at->to.y += layer->output_bytes * (uint32_t)(blocks * NNQ_LANES);
  at->to.codes -= (uint32_t)(blocks * NNQ_LANES);
}

/* Requantizes the sums of a tile and stores them.
 *
 * floor((sum * m + 2^(s-1)) / 2^s) is floor((t + 1) / 2) with t = floor(sum * m / 2^(s-1)), and
 * s - 1 is at least 32 after packing. scale() gives t; the stores do the rest, with saturation on
 * the way to fewer bits, which lies outside every clamp. */
NNQ_INLINE void finish(const nnq_packed_layer *layer, const place *at, uint32_t row, vec *sums,
                       int blocks, int rows) {
  if (layer->limits) {
    NNQ_UNROLL for (int i = 0; i < rows * blocks; i++) {
      const int32_t *own = at->limits + i % blocks * (NNQ_LIMITS * NNQ_LANES);
      sums[i] = limit(sums[i], load(own), load(own + NNQ_LANES));
    }
  }
  NNQ_UNROLL for (int i = 0; i < rows * blocks; i++) {
    const int32_t *own = at->constants + i % blocks * (NNQ_CONSTANTS * NNQ_LANES);
    sums[i] = scale(sums[i], load(own + NNQ_LANES), load(own + 2 * NNQ_LANES));
  }
  const size_t stride = at->to.stride;
  const uint32_t left = at->to.codes;
  uint8_t *y = at->to.y + row * stride;
  if (blocks == NNQ_QUAD) {
    NNQ_UNROLL for (int r = 0; r < rows; r++, y += stride) {
      store_quad(y, &sums[r * blocks], layer, left);
    }
  } else if (rows % 4 == 0) {
    NNQ_UNROLL for (int r = 0; r < rows; r += 4, y += 4 * stride) {
      store_rows(y, stride, &sums[r], layer, left);
    }
  } else {
    NNQ_UNROLL for (int r = 0; r < rows; r++, y += stride) {
      store_block(y, sums[r], layer, left);
    }
  }
}

/* The inputs of a step. */
NNQ_INLINE int step_of(int product) {
  return product == NNQ_16X8 ? NNQ_WIDE_STEP : product == NNQ_8X4 ? 8 : 4;
}

/* The bytes of a row's codes in a step of add_steps(), which never sees the split form. */
NNQ_INLINE int code_bytes_of(int product) {
  return product == NNQ_16X8 ? 2 * NNQ_WIDE_STEP : step_of(product);
}

/* The bytes of weights of a block in a step. */
NNQ_INLINE int vector_bytes(int product) {
  return NNQ_LANES * (product == NNQ_8X4 ? step_of(product) / 2 : step_of(product));
}

/* Adds a part of a step to the sums [rows][blocks] of a tile. The fewer of rows and blocks stay in
 * registers beside the sums. */
NNQ_INLINE void advance(vec *sums, const uint8_t *w, const uint8_t *x, size_t stride, int product,
                        int part, int blocks, int rows) {
  const int vector = vector_bytes(product);
  code_vec in[NNQ_MOST_ROWS];
  weight_vec weight[NNQ_QUAD];
  if (part > 0) x += code_bytes_of(product) / 2;
  if (rows > blocks) {
    NNQ_UNROLL for (int b = 0; b < blocks; b++) weight[b] = weights(w + b * vector, product, part);
    NNQ_UNROLL for (int i = 0; i < rows * blocks; i++) {
      if (i % blocks == 0) in[0] = codes(x + (uint32_t)(i / blocks) * stride, product);
      sums[i] = dot(sums[i], in[0], weight[i % blocks], product);
    }
  } else {
    NNQ_UNROLL for (int r = 0; r < rows; r++) in[r] = codes(x + (uint32_t)r * stride, product);
    NNQ_UNROLL for (int i = 0; i < rows * blocks; i++) {
      int r = i % rows, b = i / rows;
      if (r == 0) weight[0] = weights(w + b * vector, product, part);
      sums[r * blocks + b] = dot(sums[r * blocks + b], in[r], weight[0], product);
    }
  }
}

/* Adds all steps to the sums of a tile. Several chains of sums, 1, 2 or 4, take the parts of steps
 * in turn where a tile has too few sums to keep the multipliers busy. */
NNQ_INLINE void add_steps(vec *sums, const uint8_t *w, const uint8_t *x, size_t stride,
                          uint32_t steps, int product, int blocks, int rows, int chains) {
  const int parts = product == NNQ_8X4 ? 2 : 1;
  const int together = chains > parts ? chains / parts : 1;
  const int w_step = blocks * vector_bytes(product), x_step = code_bytes_of(product);
  const int own = rows * blocks;
  const int second = own * (1 % chains), third = own * (2 % chains), fourth = own * (3 % chains);
  NNQ_UNROLL for (int i = own; i < own * chains; i++) sums[i] = zero();
  for (; steps >= (uint32_t)together; steps -= (uint32_t)together) {
    advance(sums, w, x, stride, product, 0, blocks, rows);
    if (parts > 1) {
      advance(sums + second, w, x, stride, product, 1, blocks, rows);
      if (together > 1) {
        advance(sums + third, w + w_step, x + x_step, stride, product, 0, blocks, rows);
        advance(sums + fourth, w + w_step, x + x_step, stride, product, 1, blocks, rows);
      }
    } else {
      if (together > 1) {
        advance(sums + second, w + w_step, x + x_step, stride, product, 0, blocks, rows);
      }
      if (together > 2) {
        advance(sums + third, w + 2 * w_step, x + 2 * x_step, stride, product, 0, blocks, rows);
        advance(sums + fourth, w + 3 * w_step, x + 3 * x_step, stride, product, 0, blocks, rows);
      }
    }
    w += together * w_step;
    x += together * x_step;
  }
  if (together > 1) {
    for (; steps > 0; steps--, w += w_step, x += x_step) {
      advance(sums, w, x, stride, product, 0, blocks, rows);
      if (parts > 1) advance(sums + second, w, x, stride, product, 1, blocks, rows);
    }
  }
  if (chains > 2) {
    NNQ_UNROLL for (int i = 0; i < 2 * own; i++) sums[i] = add(sums[i], sums[i + 2 * own]);
  }
  if (chains > 1) {
    NNQ_UNROLL for (int i = 0; i < own; i++) sums[i] = add(sums[i], sums[i + own]);
  }
}

/* Computes some blocks of outputs for some rows. */
NNQ_INLINE void tile(const nnq_packed_layer *layer, const place *at, const uint8_t *x, uint32_t row,
                     int product, int blocks, int rows, int chains) {
  const size_t stride = layer->input_stride;
  vec sums[NNQ_TILE_SUMS];
  x += row * stride;
  NNQ_UNROLL for (int i = 0; i < rows * blocks; i++) {
    const int32_t *bias = at->constants + i % blocks * (NNQ_CONSTANTS * NNQ_LANES);
    sums[i] = begin(load(bias), product);
  }
#if defined(NNQ_IS_SHORT)
  if (NNQ_IS_SHORT(product)) {
    short_steps(sums, at->weights, x, stride, layer->steps, product, blocks, rows);
  } else
#endif
    add_steps(sums, at->weights, x, stride, layer->steps, product, blocks, rows, chains);
  if (product == NNQ_8X4) {
    vec share = zero();
    NNQ_UNROLL for (int i = 0; i < rows * blocks; i++) {
      const int32_t *bias = at->constants + i % blocks * (NNQ_CONSTANTS * NNQ_LANES);
      if (i % blocks == 0) share = share_of(x + (uint32_t)(i / blocks) * stride, layer->steps);
      sums[i] = settle(sums[i], load(bias), share);
    }
  }
  finish(layer, at, row, sums, blocks, rows);
}

/* Computes a quad for all rows, in tiles of nearly the same number of rows. */
NNQ_INLINE void quad(const nnq_packed_layer *layer, const place *at, const uint8_t *x,
                     uint32_t rows, int product) {
  const uint32_t most = NNQ_TILE_ROWS(product);
  uint32_t row = 0;
  for (uint32_t tiles = (rows + most - 1) / most; tiles > 0; tiles--) {
    uint32_t together = (rows - row + tiles - 1) / tiles;
    /* `most` is a constant: a kernel has the code of the tiles that it has registers for. */
    if (together == 1) tile(layer, at, x, row, product, NNQ_QUAD, 1, 2);
    if (most > 1) if (together == 2) tile(layer, at, x, row, product, NNQ_QUAD, 2, 1);
    if (most > 2) if (together == 3) tile(layer, at, x, row, product, NNQ_QUAD, 3, 1);
    if (most > 3) if (together == 4) tile(layer, at, x, row, product, NNQ_QUAD, 4, 1);
    if (most > 4) if (together == 5) tile(layer, at, x, row, product, NNQ_QUAD, 5, 1);
    if (most > 5) if (together == 6) tile(layer, at, x, row, product, NNQ_QUAD, 6, 1);
    row += together;
  }
}

/* Computes a single block for all rows. */
NNQ_INLINE void single(const nnq_packed_layer *layer, const place *at, const uint8_t *x,
                       uint32_t rows, int product) {
  uint32_t row = 0;
  if (NNQ_SINGLE_ROWS(product) == 8) {
    for (; rows - row >= 8; row += 8) tile(layer, at, x, row, product, 1, 8, 1);
  }
  for (; rows - row >= 4; row += 4) tile(layer, at, x, row, product, 1, 4, 2);
  for (; row < rows; row++) tile(layer, at, x, row, product, 1, 1, 4);
}

NNQ_INLINE void columns(const nnq_packed_layer *layer, const uint8_t *base, const uint8_t *x,
                        const target *to, uint32_t rows, int product) {
  place at = {base + layer->weights, (const int32_t *)(const void *)(base + layer->constants),
              (const int32_t *)(const void *)(base + layer->limits), *to};
  uint32_t blocks = layer->blocks;
  for (; blocks >= NNQ_QUAD; blocks -= NNQ_QUAD) {
    quad(layer, &at, x, rows, product);
    pass_by(layer, &at, NNQ_QUAD, vector_bytes(product));
  }
  for (; blocks > 0; blocks--) {
    single(layer, &at, x, rows, product);
    pass_by(layer, &at, 1, vector_bytes(product));
  }
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
    } else if (layer->output_form == NNQ_FORM_SPLIT) {
      for (uint32_t o = 0; o < layer->outputs; o++) {
        nnq_set_split(y, o, table[nnq_split(y, o)]);
      }
    } else {
      for (uint32_t o = 0; o < layer->outputs; o++) y[o] = table[y[o]];
    }
  }
}

NNQ_INLINE void dense(const nnq_packed_layer *layer, const uint8_t *base, const uint8_t *x,
                      const target *to, uint32_t rows) {
  if (NNQ_KNOWS(NNQ_8X8) && layer->product == NNQ_8X8) {
    columns(layer, base, x, to, rows, NNQ_8X8);
  } else if (NNQ_KNOWS(NNQ_8X4) && layer->product == NNQ_8X4) {
    columns(layer, base, x, to, rows, NNQ_8X4);
  } else {
    columns(layer, base, x, to, rows, NNQ_16X8);
  }
  if (layer->table) look_up(layer, base + layer->table, to, rows);
}

/* Copies input codes into the arena, in the form that the first layer takes, each row filled up to
 * whole steps. A layer that no kernel knows reads them where they are. */
NNQ_INLINE void stage(const nnq_packed *packed, const uint8_t *input, size_t input_bytes,
                      uint32_t rows, uint8_t *x) {
  const nnq_packed_layer *first = packed->layer;
  if (first->is_scalar) return;
  for (uint32_t row = 0; row < rows; row++) {
    if (packed->input_bits == 8) stage8(x, (const int8_t *)input, packed->inputs, first->input_form);
    else stage16((int16_t *)(void *)x, (const int16_t *)(const void *)input, packed->inputs);
    input += input_bytes;
    x += first->input_stride;
  }
}

/* Computes rows of a network, at most NNQ_BATCH_ROWS, between the two halves of the arena. */
NNQ_INLINE void pass(const nnq_packed *packed, uint32_t rows, const uint8_t *input,
                     uint8_t *output, uint8_t *arena) {
  const uint8_t *base = (const uint8_t *)packed;
  const nnq_packed_layer *layer = packed->layer;
  uint8_t *x = arena, *other = arena + (size_t)rows * packed->row_bytes[0];
  nnq_matrix kept = {other + (size_t)rows * packed->row_bytes[1], packed->row_bytes[2]};
  stage(packed, input, packed->input_bytes, rows, x);
  for (uint32_t left = packed->layers; left > 0; left--, layer++) {
    target to = {output, packed->output_bytes, packed->outputs};
    if (left > 1) {
      to.y = other;
      to.stride = layer[1].input_stride;
      to.codes = layer->blocks * NNQ_LANES;
    }
    nnq_matrix y = {to.y, to.stride};
    if (layer->is_scalar) {
      nnq_matrix codes = {x, layer->input_stride};
      nnq_scalar_rows(packed, packed->layers - left, rows, input, codes, kept, y);
    } else {
      dense(layer, base, x, &to, rows);
    }
    if (layer->is_kept) nnq_keep_rows(packed, packed->layers - left, rows, y, kept);
    other = x;
    x = to.y;
  }
}

/* A function for each, so that one row does not pay for the registers of many. */
static NNQ_APART void one_row(const nnq_packed *packed, const uint8_t *input, uint8_t *output,
                              uint8_t *arena) {
  pass(packed, 1, input, output, arena);
}

static NNQ_APART void many_rows(const nnq_packed *packed, uint32_t rows, const uint8_t *input,
                                uint8_t *output, uint8_t *arena) {
  while (rows > 0) {
    uint32_t together = rows < NNQ_BATCH_ROWS ? rows : NNQ_BATCH_ROWS;
    pass(packed, together, input, output, arena);
    input += (size_t)together * packed->input_bytes;
    output += (size_t)together * packed->output_bytes;
    rows -= together;
  }
}

NNQ_INLINE void batch(const nnq_packed *packed, uint32_t rows, const uint8_t *input,
                      uint8_t *output, uint8_t *arena) {
  if (rows == 1) one_row(packed, input, output, arena);
  else many_rows(packed, rows, input, output, arena);
}

#endif
