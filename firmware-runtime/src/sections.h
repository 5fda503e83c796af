/* SPDX-License-Identifier: Apache-2.0 */

/* The checks of what each section holds. Each fills its part of the model and needs the parts of
 * the sections before it. */

#ifndef NNQ_SECTIONS_H
#define NNQ_SECTIONS_H

#include "nnq.h"

/* A payload that lies within the image; absent when bytes is null. */
typedef struct nnq_section {
  const uint8_t *bytes;
  uint32_t length;
} nnq_section;

nnq_status nnq_check_network(nnq_model *model, nnq_section section);
nnq_status nnq_check_outputs(nnq_model *model, nnq_section section);
nnq_status nnq_check_counts(nnq_model *model, nnq_section section);
nnq_status nnq_check_score(nnq_model *model, nnq_section section);
nnq_status nnq_check_selftest(nnq_model *model, nnq_section section);

#endif
