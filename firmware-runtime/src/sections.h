/* SPDX-License-Identifier: Apache-2.0 */

/* The checks of what each section holds. Each fills its part of the model and needs the parts of
 * the network and the outputs. */

#ifndef NNQ_SECTIONS_H
#define NNQ_SECTIONS_H

#include "nnq.h"

nnq_status nnq_check_network(nnq_model *model, const uint8_t *bytes, uint32_t length);
nnq_status nnq_check_outputs(nnq_model *model, const uint8_t *bytes, uint32_t length);
nnq_status nnq_check_counts(nnq_model *model, const uint8_t *bytes, uint32_t length);
nnq_status nnq_check_score(nnq_model *model, const uint8_t *bytes, uint32_t length);
nnq_status nnq_check_selftest(nnq_model *model, const uint8_t *bytes, uint32_t length);

#endif
