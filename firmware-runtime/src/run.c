/* SPDX-License-Identifier: Apache-2.0 */

#include "bytes.h"
#include "dense.h"
#include "nnq.h"

nnq_status nnq_run_layers(const nnq_model *model, const void *input, void *output, void *arena,
                          size_t arena_bytes, nnq_layer_visitor *visit, void *context) {
  if (!model || !input || !output || (model->arena_bytes != 0 && !arena)) return NNQ_ERROR_NULL;
  if (arena_bytes < model->arena_bytes) return NNQ_ERROR_ARENA;
  if (((uintptr_t)arena & (NNQ_ALIGNMENT - 1)) != 0 ||
      nnq_is_misaligned(input, model->input_bits) ||
      nnq_is_misaligned(output, model->output_bits)) {
    return NNQ_ERROR_ALIGNMENT;
  }

  const uint8_t *record = model->network + NNQ_NETWORK_HEAD_BYTES;
  const uint8_t *data = record + NNQ_RECORD_BYTES * (uint32_t)model->layer_count;
  uint32_t bits = model->input_bits;
  const void *x = input;
  for (uint32_t index = 0; index < model->layer_count; index++) {
    nnq_dense layer;
    nnq_dense_open(&layer, record, data, bits);
    bits = layer.output_bits;

    /* Even hidden layers lie at the arena's start, odd ones at its end: neighbours never overlap,
     * for the arena holds the two largest neighbours. */
    void *y = output;
    if (index + 1u < model->layer_count) {
      uint32_t bytes = nnq_pad4(layer.outputs * (bits / 8));
      y = (uint8_t *)arena + (index & 1 ? model->arena_bytes - bytes : 0);
    }
    nnq_dense_scalar(&layer, x, y);
    if (visit) visit(context, index, y, layer.outputs, bits);

    x = y;
    data += nnq_dense_bytes(record);
    record += NNQ_RECORD_BYTES;
  }
  return NNQ_OK;
}

nnq_status nnq_run(const nnq_model *model, const void *input, void *output, void *arena,
                   size_t arena_bytes) {
  return nnq_run_layers(model, input, output, arena, arena_bytes, NULL, NULL);
}

size_t nnq_arena_bytes(const nnq_model *model) { return model->arena_bytes; }
