/* SPDX-License-Identifier: Apache-2.0 */

#include "bytes.h"
#include "dense.h"
#include "nnq.h"
#include "outputs.h"

uint32_t nnq_inputs(const nnq_model *model) { return model->input_count; }
uint32_t nnq_outputs(const nnq_model *model) { return model->output_count; }
uint32_t nnq_layers(const nnq_model *model) { return model->layer_count; }
uint32_t nnq_input_bits(const nnq_model *model) { return model->input_bits; }
uint32_t nnq_output_bits(const nnq_model *model) { return model->output_bits; }
nnq_task nnq_model_task(const nnq_model *model) { return (nnq_task)model->task; }

int nnq_has_probabilities(const nnq_model *model) { return nnq_defines_probabilities(model); }
int nnq_has_counts(const nnq_model *model) { return model->counts != NULL; }
int nnq_has_selftest(const nnq_model *model) { return model->selftest != NULL; }

nnq_status nnq_output_scale(const nnq_model *model, uint32_t index, nnq_scale *scale) {
  if (!model || !scale) return NNQ_ERROR_NULL;
  if (index >= model->output_count) return NNQ_ERROR_UNDEFINED;
  const uint8_t *entry = nnq_output_entry(model, index);
  scale->origin = nnq_i32(entry);
  scale->multiplier = nnq_i32(entry + 4);
  scale->exponent = nnq_i16(entry + 8);
  return NNQ_OK;
}

nnq_status nnq_describe_layer(const nnq_model *model, uint32_t index, nnq_layer *layer) {
  if (!model || !layer) return NNQ_ERROR_NULL;
  if (index >= model->layer_count) return NNQ_ERROR_UNDEFINED;
  const uint8_t *record = model->network + NNQ_NETWORK_HEAD_BYTES + NNQ_RECORD_BYTES * index;
  layer->inputs = nnq_u16(record + 8);
  layer->outputs = nnq_u16(record + 10);
  layer->weight_bytes = layer->inputs * layer->outputs;
  layer->data_bytes = (uint32_t)nnq_dense_bytes(record);
  layer->macs = layer->inputs * layer->outputs;
  layer->input_bits = index == 0 ? model->input_bits : record[2 - NNQ_RECORD_BYTES];
  layer->output_bits = record[2];
  layer->weight_bits = record[1];
  layer->activation = record[3];
  layer->has_table = record[4];
  return NNQ_OK;
}
