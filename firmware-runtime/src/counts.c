/* SPDX-License-Identifier: Apache-2.0 */

#include "bytes.h"
#include "nnq.h"
#include "requantize.h"

#if NNQ_HAS_COUNTS

nnq_status nnq_quantize_counts(const nnq_model *model, const int32_t *counts, void *input) {
  if (!model || !counts || !input) return NNQ_ERROR_NULL;
  if (!model->counts) return NNQ_ERROR_UNDEFINED;
  const uint8_t *p = model->counts;
  uint32_t bits = model->input_bits;
  for (uint32_t i = 0; i < model->input_count; i++, p += 20) {
    /* The distance from the offset was checked to fit for every count in the range. */
    int32_t count = nnq_clamp(counts[i], nnq_i32(p), nnq_i32(p + 4));
    int32_t distance = (int32_t)((int64_t)count - nnq_i32(p + 8));
    int64_t code = nnq_i16(p + 18) + nnq_requantize(distance, nnq_i32(p + 12), p[16]);
    nnq_set_code(input, bits, i, nnq_clamp(code, nnq_lowest_code(bits), nnq_highest_code(bits)));
  }
  return NNQ_OK;
}

#else

nnq_status nnq_quantize_counts(const nnq_model *model, const int32_t *counts, void *input) {
  (void)model, (void)counts, (void)input;
  return NNQ_ERROR_UNDEFINED;
}

#endif
