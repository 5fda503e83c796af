/* SPDX-License-Identifier: Apache-2.0 */

/* Dense layers whose data are arranged for one kind of CPU: groups of four rows, each
 *
 *   cortex-m4:  i32 bias of rows 0 and 2 | weights | i32 bias of rows 1 and 3 | i32 multipliers |
 *               u8 shifts less 33
 *   cortex-m55: i32 biases | weights | i32 multipliers | i8 32 less shifts
 *
 * with zeros for columns and rows that only fill up. All shifts are 33 or more. For cortex-m4 the
 * weights of four columns are 16 bytes: rows 0 and 1, then rows 2 and 3, each as halfwords
 * 256 * odd row + even row of columns 0, 2, 1, 3. For cortex-m55 those of sixteen columns are 64
 * bytes, row by row. */

#ifndef NNQ_ARRANGED_H
#define NNQ_ARRANGED_H

#include "layer.h"

#if NNQ_LAYOUT == 1
enum { NNQ_BLOCK_COLUMNS = 8, NNQ_GROUP_HEAD_BYTES = 8 };
#elif NNQ_LAYOUT == 2
enum { NNQ_BLOCK_COLUMNS = 16, NNQ_GROUP_HEAD_BYTES = 16 };
#endif

#if NNQ_LAYOUT

enum { NNQ_GROUP_ROWS = 4, NNQ_GROUP_REST_BYTES = 36 };

/* The columns that a layer of so many inputs has weights for. */
static inline uint32_t nnq_arranged_columns(uint32_t inputs) {
  return (inputs + NNQ_BLOCK_COLUMNS - 1) & ~(uint32_t)(NNQ_BLOCK_COLUMNS - 1);
}

static inline uint32_t nnq_group_bytes(const nnq_node *node) {
  return NNQ_GROUP_REST_BYTES + NNQ_GROUP_ROWS * nnq_arranged_columns(nnq_node_inputs(node));
}

static inline uint32_t nnq_groups(const nnq_node *node) {
  return (nnq_node_outputs(node) + NNQ_GROUP_ROWS - 1) / NNQ_GROUP_ROWS;
}

/* The bytes of an arranged layer's data, or more than an image may have. */
static inline uint32_t nnq_arranged_bytes(const nnq_node *node) {
  uint32_t groups = nnq_groups(node);
  uint32_t quads = groups * nnq_arranged_columns(nnq_node_inputs(node)); /* at most 2^30 */
  if (quads > NNQ_MAX_IMAGE_BYTES / NNQ_GROUP_ROWS) return NNQ_MAX_IMAGE_BYTES;
  return NNQ_GROUP_REST_BYTES * groups + NNQ_GROUP_ROWS * quads;
}

/* Checks the data of an arranged layer. */
nnq_status nnq_check_arranged(const nnq_node *node);

#endif

#endif
