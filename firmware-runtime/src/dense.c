/* SPDX-License-Identifier: Apache-2.0 */

#include "dense.h"

#include <stddef.h>

#include "bytes.h"

uint64_t nnq_dense_bytes(const uint8_t *record) {
  uint32_t outputs = nnq_u16(record + 10);
  uint32_t weights = nnq_u16(record + 8) * outputs; /* below 2^32 - 3, so that it can be padded */
  return (uint64_t)nnq_pad4(weights) + 8 * outputs + nnq_pad4(outputs) +
         (record[4] ? NNQ_TABLE_BYTES : 0);
}

void nnq_dense_open(nnq_dense *layer, const uint8_t *record, const uint8_t *data,
                    uint32_t input_bits) {
  layer->inputs = nnq_u16(record + 8);
  layer->outputs = nnq_u16(record + 10);
  layer->input_bits = input_bits;
  layer->output_bits = record[2];
  layer->zero_point = nnq_i16(record + 12);
  layer->low = nnq_i16(record + 14);
  layer->high = nnq_i16(record + 16);

  layer->bias = data;
  layer->multiplier = layer->bias + 4 * layer->outputs;
  layer->shift = layer->multiplier + 4 * layer->outputs;
  data = layer->shift + nnq_pad4(layer->outputs);
  layer->weights = (const int8_t *)data;
  data += nnq_pad4(layer->inputs * layer->outputs);
  layer->table = record[4] ? (const int8_t *)data : NULL;
}
