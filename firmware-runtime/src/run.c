/* SPDX-License-Identifier: Apache-2.0 */

#include "bytes.h"
#include "layer.h"
#include "nnq.h"

/* Part of both functions below, which spares the frame of a call. */
#if defined(__GNUC__)
__attribute__((always_inline))
#endif
static inline nnq_status run(const nnq_model *model, const void *input, void *output, void *arena,
                      size_t arena_bytes, nnq_layer_visitor *visit, void *context) {
  if (!model || !input || !output || (model->arena_bytes != 0 && !arena)) return NNQ_ERROR_NULL;
  if (arena_bytes < model->arena_bytes) return NNQ_ERROR_ARENA;
  if (((uintptr_t)arena & (NNQ_ALIGNMENT - 1)) != 0 ||
      nnq_is_misaligned(input, model->input_bits) ||
      nnq_is_misaligned(output, model->output_bits)) {
    return NNQ_ERROR_ALIGNMENT;
  }

  const uint32_t layers = model->layer_count;
  const uint8_t *record = model->network + NNQ_NETWORK_HEAD_BYTES;
  const uint8_t *data = record + NNQ_RECORD_BYTES * layers;
  const void *x = input;
  uint32_t bits = model->input_bits;
  nnq_kept kept = {input, bits};
  for (uint32_t index = 0; index < layers; index++) {
    nnq_node node;
    data += nnq_node_open(&node, record, data, bits);
#if NNQ_LAYOUT == 1
    node.wide_end = (uint32_t *)(void *)((uint8_t *)arena + model->kept_bytes);
#endif
    bits = nnq_node_output_bits(&node);

    /* A tensor that a later add takes lies at the arena's start, and the codes of an arranged layer
     * in 16 bits end where kept_bytes do. Of the others, even ones follow
     * it and odd ones end the arena: neighbours never overlap, for the arena holds the two largest
     * neighbours beside the largest kept tensor. */
    int is_kept = nnq_is_kept(record, index, layers);
    void *y = output;
    if (index + 1 < layers) {
      uint32_t bytes = nnq_pad4(nnq_code_bytes(nnq_node_outputs(&node), bits));
      uint32_t at = index & 1 ? model->arena_bytes - bytes : model->kept_bytes;
      y = (uint8_t *)arena + (is_kept ? 0 : at);
    }
    nnq_node_run(&node, x, &kept, y);
    if (NNQ_HAS_VISITOR && visit) {
      visit(context, index, y, nnq_node_outputs(&node), bits);
    }

    x = y;
    if (is_kept) {
      kept.codes = y;
      kept.bits = bits;
    }
    record += NNQ_RECORD_BYTES;
  }
  return NNQ_OK;
}

nnq_status nnq_run(const nnq_model *model, const void *input, void *output, void *arena,
                   size_t arena_bytes) {
  return run(model, input, output, arena, arena_bytes, NULL, NULL);
}

nnq_status nnq_run_layers(const nnq_model *model, const void *input, void *output, void *arena,
                          size_t arena_bytes, nnq_layer_visitor *visit, void *context) {
#if NNQ_HAS_VISITOR
  return run(model, input, output, arena, arena_bytes, visit, context);
#else
  (void)model, (void)input, (void)output, (void)arena, (void)arena_bytes;
  (void)visit, (void)context;
  return NNQ_ERROR_UNDEFINED;
#endif
}

size_t nnq_arena_bytes(const nnq_model *model) { return model->arena_bytes; }
