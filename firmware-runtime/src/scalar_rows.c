/* SPDX-License-Identifier: Apache-2.0 */

/* The layers of a packed network that no kernel knows, and the tensors that adds take. */

#include "kernels.h"
#include "layer.h"

#if defined(NNQ_SIMD_KERNELS)

/* From codes as nnq_run() has them to the form in which they are handed on, in place. The wide form
 * holds int16_t also in a build that leaves 16-bit codes out. */
static void enter_form(uint8_t *codes, uint32_t bits, uint32_t form, uint32_t count) {
  if (form == NNQ_FORM_SPLIT) {
    /* From the end, as each four become eight bytes. */
    for (uint32_t four = (count + 3) / 4; four-- > 0;) {
      uint8_t own[4];
      for (uint32_t i = 0; i < 4; i++) own[i] = codes[4 * four + i] ^ 0x80;
      for (uint32_t i = 0; i < 4; i++) nnq_set_split(codes, 4 * four + i, own[i]);
    }
  } else if (form == NNQ_FORM_UNSIGNED) {
    for (uint32_t i = 0; i < count; i++) codes[i] ^= 0x80;
  } else if (form == NNQ_FORM_WIDE && bits == 8) {
    /* From the end, so that none is overwritten before it is read. */
    while (count-- > 0) ((int16_t *)(void *)codes)[count] = ((const int8_t *)codes)[count];
  }
}

/* And back, to another place. */
static void leave_form(const uint8_t *codes, uint32_t bits, uint32_t form, uint32_t count,
                       uint8_t *to) {
  uint8_t flip = nnq_is_unsigned_form(form) ? 0x80 : 0;
  for (uint32_t i = 0; i < count; i++) {
    if (form == NNQ_FORM_WIDE) {
      nnq_set_code(to, bits, i, ((const int16_t *)(const void *)codes)[i]);
    } else {
      to[i] = (form == NNQ_FORM_SPLIT ? nnq_split(codes, i) : codes[i]) ^ flip;
    }
  }
}

void nnq_scalar_rows(const nnq_packed *packed, uint32_t index, uint32_t rows, const uint8_t *input,
                     nnq_matrix x, nnq_matrix kept, nnq_matrix y) {
  const nnq_packed_layer *layer = &packed->layer[index];
  const uint8_t *record = packed->network + layer->record;
  size_t input_bytes = packed->inputs * (size_t)(packed->input_bits / 8);
  uint32_t bits = index == 0 ? packed->input_bits : record[2 - NNQ_RECORD_BYTES];
  nnq_node node;
  nnq_node_open(&node, record, packed->network + layer->data, bits);

  uint32_t source = nnq_u16(record + 18);
  for (uint32_t row = 0; row < rows; row++) {
    const uint8_t *own = input + row * input_bytes;
    nnq_kept other = {own, packed->input_bits};
    if (source > 0) {
      other.codes = kept.codes + row * kept.stride;
      other.bits = packed->network[packed->layer[source - 1].record + 2];
    }
    uint8_t *to = y.codes + row * y.stride;
    nnq_node_run(&node, index == 0 ? own : x.codes + row * x.stride, &other, to);
    enter_form(to, nnq_node_output_bits(&node), layer->output_form, layer->outputs);
  }
}

void nnq_keep_rows(const nnq_packed *packed, uint32_t index, uint32_t rows, nnq_matrix y,
                   nnq_matrix kept) {
  const nnq_packed_layer *layer = &packed->layer[index];
  uint32_t bits = packed->network[layer->record + 2];
  for (uint32_t row = 0; row < rows; row++) {
    leave_form(y.codes + row * y.stride, bits, layer->output_form, layer->outputs,
               kept.codes + row * kept.stride);
  }
}

#else
typedef int nnq_no_packed_rows;
#endif
