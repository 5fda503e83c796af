/* SPDX-License-Identifier: Apache-2.0 */

#include "bytes.h"
#include "kernels.h"
#include "nnq.h"

#if defined(NNQ_SIMD_KERNELS)

static int is_packed_from(const nnq_packed *packed, const nnq_model *model) {
  return packed->magic == NNQ_PACKED_MAGIC && packed->network == model->network &&
         packed->shape == nnq_shape(model);
}

static nnq_status run_packed(const nnq_model *model, const nnq_packed *packed, uint32_t rows,
                             const void *input, void *output, void *arena, size_t arena_bytes) {
  if (((uintptr_t)packed & (NNQ_PACK_ALIGNMENT - 1)) != 0) return NNQ_ERROR_ALIGNMENT;
  if (!is_packed_from(packed, model)) return NNQ_ERROR_PACKED;
  if (!arena) return NNQ_ERROR_NULL;
  size_t together = rows < NNQ_BATCH_ROWS ? rows : NNQ_BATCH_ROWS;
  if (arena_bytes < together * packed->arena_row_bytes) return NNQ_ERROR_ARENA;
  if (((uintptr_t)arena & (NNQ_ALIGNMENT - 1)) != 0 ||
      nnq_is_misaligned(input, model->input_bits) ||
      nnq_is_misaligned(output, model->output_bits)) {
    return NNQ_ERROR_ALIGNMENT;
  }
  nnq_kernel_at(packed->kernel)->run(packed, rows, input, output, arena);
  return NNQ_OK;
}

#endif

nnq_status nnq_run_batch(const nnq_model *model, const void *packed, uint32_t rows,
                         const void *input, void *output, void *arena, size_t arena_bytes) {
  if (!model || !input || !output) return NNQ_ERROR_NULL;
#if defined(NNQ_SIMD_KERNELS)
  if (packed) return run_packed(model, packed, rows, input, output, arena, arena_bytes);
#else
  if (packed) return NNQ_ERROR_PACKED;
#endif
  size_t input_bytes = nnq_code_bytes(model->input_count, model->input_bits);
  size_t output_bytes = nnq_code_bytes(model->output_count, model->output_bits);
  nnq_status status = NNQ_OK;
  for (size_t row = 0; row < rows && status == NNQ_OK; row++) {
    status = nnq_run(model, (const uint8_t *)input + row * input_bytes,
                     (uint8_t *)output + row * output_bytes, arena, arena_bytes);
  }
  return status;
}
