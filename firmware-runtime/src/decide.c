/* SPDX-License-Identifier: Apache-2.0 */

#include "bytes.h"
#include "nnq.h"
#include "outputs.h"

/* The distance of a code above its threshold; 64 bits because a threshold is any int32. */
static int64_t threshold_margin(const nnq_model *model, const void *output, uint32_t index) {
  return (int64_t)nnq_code(output, model->output_bits, index) - nnq_output_threshold(model, index);
}

nnq_status nnq_class(const nnq_model *model, const void *output, uint32_t *label, int64_t *margin) {
  if (!model || !output || !label) return NNQ_ERROR_NULL;
  uint32_t best = 0;
  int64_t distance;
  if (model->task == NNQ_TASK_BINARY) {
    distance = threshold_margin(model, output, 0);
    best = distance >= 0;
  } else if (model->task == NNQ_TASK_MULTICLASS) {
    int32_t highest = nnq_code(output, model->output_bits, 0);
    int32_t second = INT32_MIN;
    for (uint32_t o = 1; o < model->output_count; o++) {
      int32_t code = nnq_code(output, model->output_bits, o);
      if (code > highest) {
        second = highest;
        highest = code;
        best = o;
      } else if (code > second) {
        second = code;
      }
    }
    distance = (int64_t)highest - second;
  } else {
    return NNQ_ERROR_UNDEFINED;
  }
  *label = best;
  if (margin) *margin = distance;
  return NNQ_OK;
}

nnq_status nnq_flags(const nnq_model *model, const void *output, uint8_t *flags, int64_t *margins) {
  if (!model || !output || !flags) return NNQ_ERROR_NULL;
  if (model->task != NNQ_TASK_MULTILABEL) return NNQ_ERROR_UNDEFINED;
  for (uint32_t o = 0; o < model->output_count; o++) {
    int64_t distance = threshold_margin(model, output, o);
    flags[o] = distance >= 0;
    if (margins) margins[o] = distance;
  }
  return NNQ_OK;
}
