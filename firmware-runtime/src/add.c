/* SPDX-License-Identifier: Apache-2.0 */

/* The sum of two tensors, each with a gain of its own. */

#include "finish.h"

#if NNQ_HAS_ADD

void nnq_add_run(const nnq_node *node, const void *x, const nnq_kept *kept, void *y) {
  const uint8_t *data = node->data;
  int32_t bias = nnq_i32(data);
  int32_t gain = nnq_i16(data + 12);
  int32_t kept_gain = nnq_i16(data + 14);
  uint32_t outputs = nnq_node_outputs(node);
  /* y may lie over the kept tensor: wider codes are stored from the end, so that none is
   * overwritten before it is read. */
  int is_backward = nnq_node_output_bits(node) > kept->bits;
  for (uint32_t k = 0; k < outputs; k++) {
    uint32_t i = is_backward ? outputs - 1 - k : k;
    /* Each product is at most 2^29 in size and the bias below 2^30. */
    int32_t sum = gain * nnq_code(x, node->input_bits, i) +
                  kept_gain * nnq_code(kept->codes, kept->bits, i) + bias;
    nnq_finish(node, y, i, sum, data + 4, data[8]);
  }
}

#else
typedef int nnq_no_add;
#endif
