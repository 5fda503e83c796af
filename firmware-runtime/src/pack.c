/* SPDX-License-Identifier: Apache-2.0 */

/* Packing: the layout is walked once, with memory to fill or with none to learn its size. */

#include "bytes.h"
#include "kernels.h"
#include "layer.h"
#include "nnq.h"

#if defined(NNQ_SIMD_KERNELS)

/* A shift below this one is raised to it, and the sum is shifted left instead. */
enum { LEAST_PACKED_SHIFT = 33, LEAST_TELLING_SHIFT = 13 };

static uint32_t pad(uint32_t count, uint32_t multiple) {
  return (count + multiple - 1) / multiple * multiple;
}

/* Takes so many bytes of the packed network; returns where they start. At most 2^31 in all, for an
 * image has at most 2^26 bytes. */
static uint32_t take(uint32_t *used, uint32_t bytes) {
  uint32_t start = *used;
  *used += pad(bytes, NNQ_PACK_ALIGNMENT);
  return start;
}

/* 1 for a layer that no kernel knows. */
static int is_scalar(const uint8_t *record) {
  return record[0] != NNQ_OPERATION_DENSE || record[4] == NNQ_TABLE16;
}

/* How the layer of a record multiplies codes of so many bits. Weights of 4 bits become 8 where the
 * kernel has no product of them. */
static uint32_t product_of(const nnq_packing *packing, const uint8_t *record, uint32_t bits) {
  if (bits == 16) return NNQ_16X8;
  if (record[1] == 4 && packing->product[NNQ_8X4].step > 0) return NNQ_8X4;
  return packing->product[NNQ_8X8].step > 0 ? NNQ_8X8 : NNQ_16X8;
}

/* How the layer of a record takes codes of so many bits. */
static uint32_t form_of(const nnq_packing *packing, const uint8_t *record, uint32_t bits) {
  if (is_scalar(record)) return bits == 16 ? NNQ_FORM_WIDE : NNQ_FORM_SIGNED;
  return packing->product[product_of(packing, record, bits)].form;
}

/* The bytes of weights that an output has in a step. */
static uint32_t weight_bytes(uint32_t product, uint32_t step) {
  return product == NNQ_8X4 ? step / 2 : step;
}

/* The output that a lane of a block computes; it may lie past the last one. */
static uint32_t output_of(const nnq_packing *packing, uint32_t blocks, uint32_t block,
                          uint32_t lane) {
  uint32_t in_quad = block % NNQ_QUAD;
  if (!packing->interleaved || block - in_quad + NNQ_QUAD > blocks) {
    return block * packing->lanes + lane;
  }
  return (block - in_quad) * packing->lanes + lane / 4 * 16 + in_quad * 4 + lane % 4;
}

/* Where the weights of a block start within those of its layer, and how far its steps are apart. */
static size_t block_start(const nnq_packed_layer *packed, uint32_t block, uint32_t step_bytes,
                          uint32_t *stride) {
  uint32_t in_quad = block % NNQ_QUAD;
  uint32_t quad = block - in_quad;
  int is_single = quad + NNQ_QUAD > packed->blocks;
  *stride = is_single ? step_bytes : step_bytes * NNQ_QUAD;
  return is_single ? (size_t)block * packed->steps * step_bytes
                   : (size_t)quad * packed->steps * step_bytes + in_quad * step_bytes;
}

/* Writes the weights and constants of the output in a lane. */
static void fill_output(const nnq_node *layer, const nnq_packing *packing,
                        const nnq_packed_layer *packed, uint8_t *base, uint32_t block,
                        uint32_t lane) {
  uint32_t o = output_of(packing, packed->blocks, block, lane);
  uint32_t lanes = packing->lanes;
  uint32_t step = packing->product[packed->product].step;
  uint32_t bytes = weight_bytes(packed->product, step);
  uint32_t stride;
  uint8_t *to = base + packed->weights;
  to += block_start(packed, block, lanes * bytes, &stride) + lane * bytes;
  int32_t *constants = (int32_t *)(void *)(base + packed->constants) +
                       (size_t)block * NNQ_CONSTANTS * lanes + lane;
  int32_t *limits = (int32_t *)(void *)(base + packed->limits) +
                    (size_t)block * NNQ_LIMITS * lanes + lane;

  int is_filler = o >= nnq_node_outputs(layer);
  nnq_rows rows = nnq_node_rows(layer);
  const uint8_t *row = rows.weights + (is_filler ? 0 : (size_t)o * nnq_row_bytes(layer));
  int32_t sum = 0; /* at most 65,535 * 127 */
  for (uint32_t i = 0; i < packed->steps * step; i++) {
    int32_t weight = 0;
    if (!is_filler && i < nnq_node_inputs(layer)) {
      weight = nnq_has_4_bit_weights(layer) ? nnq_weight4(row, i) : (int8_t)row[i];
    }
    uint8_t *at = to + i / step * stride + i % step % bytes;
    if (packed->product == NNQ_8X4) {
      uint32_t half = ((uint32_t)weight & 15) ^ packing->flip;
      *at = (uint8_t)(i % step < bytes ? half : *at | half << 4);
    } else {
      *at = (uint8_t)weight;
    }
    sum += weight;
  }
  uint32_t shift = is_filler ? LEAST_PACKED_SHIFT : rows.shift[o];
  uint32_t bias = is_filler ? 0 : nnq_u32(rows.bias + 4 * o);
  /* Sums wrap; their end does not. */
  if (nnq_is_unsigned_form(packed->input_form)) bias -= (uint32_t)(128 * sum);
  constants[0] = (int32_t)bias;
  constants[lanes] = is_filler ? 0 : nnq_i32(rows.multiplier + 4 * o);
  constants[2 * lanes] = (int32_t)(shift < LEAST_PACKED_SHIFT ? 0 : shift - LEAST_PACKED_SHIFT);
  if (packed->limits == 0) return;
  /* A sum beyond 2^(s-13) scales to more than 2^17, as the multiplier is at least 2^30, and is
   * clamped in any case: it may be cut off there, and then be shifted left by 33-s. Below s = 13
   * every sum but 0 is clamped, so that 13 does as well. */
  uint32_t telling = shift < LEAST_TELLING_SHIFT ? LEAST_TELLING_SHIFT : shift;
  int is_short = shift < LEAST_PACKED_SHIFT;
  limits[0] = is_short ? INT32_C(1) << (telling - LEAST_TELLING_SHIFT) : INT32_MAX;
  limits[lanes] = is_short ? (int32_t)(LEAST_PACKED_SHIFT - telling) : 0;
}

static void fill_table(const nnq_node *layer, const nnq_packed_layer *packed, uint8_t *base) {
  for (uint32_t stored = 0; stored < NNQ_TABLE8_BYTES; stored++) {
    /* Entry 0 of the table is for code -128, whose byte is 0x80. */
    uint8_t code = nnq_table(layer)[stored ^ packed->flip ^ 0x80];
    base[packed->table + stored] = code ^ packed->flip;
  }
}

static int has_short_shift(const nnq_node *layer) {
  const uint8_t *shift = nnq_node_rows(layer).shift;
  for (uint32_t o = 0; o < nnq_node_outputs(layer); o++) {
    if (shift[o] < LEAST_PACKED_SHIFT) return 1;
  }
  return 0;
}

/* Lays out what a kernel needs of a layer, and fills it where there is memory. */
static void pack_dense(const nnq_node *layer, const nnq_packing *packing, nnq_packed_layer *packed,
                       uint32_t *used, uint8_t *base) {
  uint32_t lanes = packing->lanes;
  uint32_t step = packing->product[packed->product].step;
  packed->blocks = pad(nnq_node_outputs(layer), lanes) / lanes;
  packed->steps = pad(nnq_node_inputs(layer), step) / step;

  uint32_t vectors = packed->blocks * lanes * (uint32_t)sizeof(int32_t);
  packed->constants = take(used, NNQ_CONSTANTS * vectors);
  packed->limits = has_short_shift(layer) ? take(used, NNQ_LIMITS * vectors) : 0;
  packed->table = nnq_table_kind(layer) == NNQ_TABLE8 ? take(used, NNQ_TABLE8_BYTES) : 0;
  uint32_t bytes = weight_bytes(packed->product, step);
  packed->weights = take(used, packed->blocks * lanes * packed->steps * bytes);
  if (!base) return;
  for (uint32_t block = 0; block < packed->blocks; block++) {
    for (uint32_t lane = 0; lane < lanes; lane++) {
      fill_output(layer, packing, packed, base, block, lane);
    }
  }
  if (packed->table) fill_table(layer, packed, base);
}

/* Lays the network out, and fills base where it is not null; returns the bytes that it takes. */
static uint32_t pack_network(const nnq_model *model, const nnq_packing *packing,
                             uint32_t row_bytes[3], uint8_t *base) {
  uint32_t layers = model->layer_count;
  const uint8_t *record = model->network + NNQ_NETWORK_HEAD_BYTES;
  const uint8_t *data = record + NNQ_RECORD_BYTES * layers;
  uint32_t bits = model->input_bits;
  uint32_t used = 0;
  take(&used, (uint32_t)(sizeof(nnq_packed) + layers * sizeof(nnq_packed_layer)));
  row_bytes[0] = row_bytes[1] = 0;
  row_bytes[2] = model->kept_bytes;
  for (uint32_t index = 0; index < layers; index++) {
    nnq_node layer;
    nnq_packed_layer packed = {0};
    uint32_t bytes = nnq_node_open(&layer, record, data, bits);
    packed.record = (uint32_t)(record - model->network);
    packed.data = (uint32_t)(data - model->network);
    packed.outputs = nnq_node_outputs(&layer);
    packed.zero_point = nnq_node_zero_point(&layer);
    packed.low = nnq_node_low(&layer);
    packed.high = nnq_node_high(&layer);
    packed.rounding = 2 * packed.zero_point + 1;
    packed.is_scalar = (uint8_t)is_scalar(record);
    packed.is_kept = (uint8_t)nnq_is_kept(record, index, layers);
    packed.product = (uint8_t)product_of(packing, record, bits);
    packed.input_form = (uint8_t)form_of(packing, record, bits);
    uint32_t code_bytes = nnq_form_bytes(packed.input_form);
    packed.input_stride =
        pad(pad(nnq_node_inputs(&layer), packing->lanes) * code_bytes, NNQ_PACK_ALIGNMENT);
    bits = nnq_node_output_bits(&layer);
    if (index + 1 < layers) {
      packed.output_form = (uint8_t)form_of(packing, record + NNQ_RECORD_BYTES, bits);
    } else {
      packed.output_form = bits == 16 ? NNQ_FORM_WIDE : NNQ_FORM_SIGNED;
    }
    packed.output_bytes = (uint8_t)nnq_form_bytes(packed.output_form);
    packed.flip = nnq_is_unsigned_form(packed.output_form) ? 0x80 : 0;
    if (!packed.is_scalar) pack_dense(&layer, packing, &packed, &used, base);
    if (base) ((nnq_packed *)(void *)base)->layer[index] = packed;
    if (row_bytes[index & 1] < packed.input_stride) row_bytes[index & 1] = packed.input_stride;
    data += bytes;
    record += NNQ_RECORD_BYTES;
  }
  return used;
}

size_t nnq_pack_bytes(const nnq_model *model, uint32_t kernel) {
  uint32_t row_bytes[3];
  if (kernel == 0 || kernel >= nnq_kernels()) return 0;
  return pack_network(model, &nnq_kernel_at(kernel)->packing, row_bytes, NULL);
}

nnq_status nnq_pack(const nnq_model *model, uint32_t kernel, void *packed, size_t packed_bytes) {
  if (!model) return NNQ_ERROR_NULL;
  if (!nnq_kernel_is_available(kernel)) return NNQ_ERROR_KERNEL;
  if (kernel == 0) return NNQ_OK;
  if (!packed) return NNQ_ERROR_NULL;
  if (((uintptr_t)packed & (NNQ_PACK_ALIGNMENT - 1)) != 0) return NNQ_ERROR_ALIGNMENT;
  if (packed_bytes < nnq_pack_bytes(model, kernel)) return NNQ_ERROR_PACKED;
  nnq_packed *head = packed;
  pack_network(model, &nnq_kernel_at(kernel)->packing, head->row_bytes, packed);
  head->network = model->network;
  head->arena_row_bytes = head->row_bytes[0] + head->row_bytes[1] + head->row_bytes[2];
  head->shape = nnq_shape(model);
  head->magic = NNQ_PACKED_MAGIC;
  head->kernel = kernel;
  head->inputs = model->input_count;
  head->outputs = model->output_count;
  head->input_bits = model->input_bits;
  head->output_bits = model->output_bits;
  head->input_bytes = nnq_code_bytes(head->inputs, head->input_bits);
  head->output_bytes = nnq_code_bytes(head->outputs, head->output_bits);
  head->layers = model->layer_count;
  return NNQ_OK;
}

size_t nnq_batch_arena_bytes(const nnq_model *model, uint32_t kernel, uint32_t rows) {
  uint32_t row_bytes[3];
  if (kernel == 0 || kernel >= nnq_kernels()) return nnq_arena_bytes(model);
  pack_network(model, &nnq_kernel_at(kernel)->packing, row_bytes, NULL);
  size_t together = rows < NNQ_BATCH_ROWS ? rows : NNQ_BATCH_ROWS;
  return together * ((size_t)row_bytes[0] + row_bytes[1] + row_bytes[2]);
}

#else

size_t nnq_pack_bytes(const nnq_model *model, uint32_t kernel) {
  (void)model;
  (void)kernel;
  return 0;
}

nnq_status nnq_pack(const nnq_model *model, uint32_t kernel, void *packed, size_t packed_bytes) {
  (void)packed;
  (void)packed_bytes;
  if (!model) return NNQ_ERROR_NULL;
  return kernel == 0 ? NNQ_OK : NNQ_ERROR_KERNEL;
}

size_t nnq_batch_arena_bytes(const nnq_model *model, uint32_t kernel, uint32_t rows) {
  (void)kernel;
  (void)rows;
  return nnq_arena_bytes(model);
}

#endif
