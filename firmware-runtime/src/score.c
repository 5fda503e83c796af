/* SPDX-License-Identifier: Apache-2.0 */

#include "bytes.h"
#include "nnq.h"
#include "requantize.h"

#if NNQ_HAS_SCORE

nnq_status nnq_score(const nnq_model *model, const void *input, const void *output,
                     int64_t *score) {
  if (!model || !input || !output || !score) return NNQ_ERROR_NULL;
  if (!model->score) return NNQ_ERROR_UNDEFINED;
  const uint8_t *p = model->score;
  uint32_t bits = model->output_bits;
  int64_t sum = 0; /* at most 65,535 squares below 2^32 */
  for (uint32_t i = 0; i < model->input_count; i++, p += 12) {
    int32_t x = nnq_code(input, model->input_bits, i);
    int64_t scaled = nnq_i32(p) + nnq_requantize(x, nnq_i32(p + 4), p[8]);
    int32_t target = nnq_clamp(scaled, nnq_lowest_code(bits), nnq_highest_code(bits));
    int64_t difference = (int64_t)target - nnq_code(output, bits, i);
    sum += difference * difference;
  }
  *score = sum;
  return NNQ_OK;
}

#else

nnq_status nnq_score(const nnq_model *model, const void *input, const void *output,
                     int64_t *score) {
  (void)model, (void)input, (void)output, (void)score;
  return NNQ_ERROR_UNDEFINED;
}

#endif

int64_t nnq_score_threshold(const nnq_model *model) { return nnq_i64(model->outputs + 16); }
