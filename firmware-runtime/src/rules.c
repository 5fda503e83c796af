/* SPDX-License-Identifier: Apache-2.0 */

#include "rules.h"

int nnq_is_zero(const uint8_t *bytes, uint32_t count) {
  uint32_t any = 0;
  while (count > 0) {
    any |= bytes[--count];
  }
  return any == 0;
}

int nnq_is_padded(const uint8_t *end, uint32_t bytes) {
  return nnq_is_zero(end, nnq_pad4(bytes) - bytes);
}

nnq_status nnq_check_factor(const uint8_t *multiplier, uint32_t shift) {
  if (nnq_i32(multiplier) < NNQ_LEAST_MULTIPLIER) return NNQ_ERROR_MULTIPLIER;
  return shift >= 1 && shift <= NNQ_LARGEST_SHIFT ? NNQ_OK : NNQ_ERROR_SHIFT;
}
