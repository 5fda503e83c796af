/* SPDX-License-Identifier: Apache-2.0 */

#include "bytes.h"
#include "layer.h"
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
  nnq_node node;
  uint32_t input_bits = index == 0 ? model->input_bits : record[2 - NNQ_RECORD_BYTES];
  layer->data_bytes = nnq_node_open(&node, record, model->network, input_bits);
  int is_dense = record[0] == NNQ_OPERATION_DENSE;
  layer->inputs = nnq_node_inputs(&node);
  layer->outputs = nnq_node_outputs(&node);
  layer->weight_bytes = is_dense ? layer->outputs * nnq_row_bytes(&node) : 0;
  layer->macs = is_dense ? layer->inputs * layer->outputs : 0;
  layer->input_bits = (uint8_t)input_bits;
  layer->output_bits = record[2];
  layer->operation = record[0];
  layer->weight_bits = record[1];
  layer->activation = record[3];
  layer->table = record[4];
  return NNQ_OK;
}
