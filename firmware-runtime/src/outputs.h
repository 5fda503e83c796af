/* SPDX-License-Identifier: Apache-2.0 */

/* Where the fields of the outputs section lie. */

#ifndef NNQ_OUTPUTS_H
#define NNQ_OUTPUTS_H

#include "bytes.h"
#include "nnq.h"

static inline int nnq_defines_probabilities(const nnq_model *model) {
  return NNQ_HAS_PROBABILITIES && model->outputs[1];
}

static inline const uint8_t *nnq_output_entry(const nnq_model *model, uint32_t index) {
  return model->outputs + 24 + 16 * index;
}

static inline int32_t nnq_output_origin(const nnq_model *model, uint32_t index) {
  return nnq_i32(nnq_output_entry(model, index));
}

static inline int32_t nnq_output_threshold(const nnq_model *model, uint32_t index) {
  return nnq_i32(nnq_output_entry(model, index) + 12);
}

#endif
