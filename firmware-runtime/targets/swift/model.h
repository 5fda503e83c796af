/* SPDX-License-Identifier: Apache-2.0 */

/* The model that is linked in, for a driver in Swift, and where its stretches are counted. */

#ifndef NNQ_TARGET_MODEL_H
#define NNQ_TARGET_MODEL_H

#include <stddef.h>
#include <stdint.h>

const uint8_t *model_image(void);
size_t model_image_bytes(void);
uint32_t model_vectors(void);

void count_begin(void);
void count_end(void);

#endif
