/* SPDX-License-Identifier: Apache-2.0 */

#include "bytes.h"
#include "crc32c.h"
#include "nnq.h"

#if NNQ_HAS_SELFTEST

typedef struct check {
  const uint8_t *checksums; /* u32[layers] */
  uint32_t first_bad;       /* the first layer that failed for any vector, or the number of layers */
} check;

/* Compares the checksum of a layer's codes, 16-bit codes taken low byte first. */
static void check_layer(void *context, uint32_t layer, const void *codes, uint32_t count,
                        uint32_t bits) {
  check *expected = context;
  uint32_t crc = UINT32_MAX;
  for (uint32_t i = 0; i < count; i++) {
    uint32_t code = (uint32_t)nnq_code(codes, bits, i);
    uint8_t bytes[2] = {(uint8_t)code, (uint8_t)(code >> 8)};
    crc = nnq_crc32c(crc, bytes, bits / 8);
  }
  if (~crc != nnq_u32(expected->checksums + 4 * layer) && layer < expected->first_bad) {
    expected->first_bad = layer;
  }
}

/* The code at index in the image's own form. */
static int32_t stored_code(const uint8_t *codes, uint32_t bits, uint32_t index) {
  return bits == 8 ? ((const int8_t *)codes)[index] : nnq_i16(codes + 2 * index);
}

/* The bytes of a vector's input, output and checksums. */
static uint32_t input_bytes(const nnq_model *model) {
  return nnq_pad4(nnq_code_bytes(model->input_count, model->input_bits));
}

static uint32_t output_bytes(const nnq_model *model) {
  return nnq_pad4(nnq_code_bytes(model->output_count, model->output_bits));
}

static const uint8_t *vector_at(const nnq_model *model, uint32_t index) {
  uint32_t bytes = input_bytes(model) + output_bytes(model) + 4 * (uint32_t)model->layer_count;
  return model->selftest + 8 + index * bytes;
}

nnq_status nnq_selftest_input(const nnq_model *model, uint32_t vector, void *input) {
  if (!model || !input) return NNQ_ERROR_NULL;
  if (!model->selftest || vector >= nnq_u16(model->selftest)) return NNQ_ERROR_UNDEFINED;
  const uint8_t *codes = vector_at(model, vector);
  for (uint32_t i = 0; i < model->input_count; i++) {
    nnq_set_code(input, model->input_bits, i, stored_code(codes, model->input_bits, i));
  }
  return NNQ_OK;
}

nnq_status nnq_selftest_layer(const nnq_model *model, void *input, void *output, void *arena,
                              size_t arena_bytes, uint32_t *layer) {
  if (!model || !input || !output) return NNQ_ERROR_NULL;
  if (!model->selftest) return NNQ_ERROR_UNDEFINED;
  uint32_t output_bits = model->output_bits;
  uint32_t layers = model->layer_count;
  check expected = {NULL, layers};
  for (uint32_t v = 0; nnq_selftest_input(model, v, input) == NNQ_OK; v++) {
    const uint8_t *vector = vector_at(model, v) + input_bytes(model);
    expected.checksums = vector + output_bytes(model);
    nnq_status status =
        nnq_run_layers(model, input, output, arena, arena_bytes, check_layer, &expected);
    if (status != NNQ_OK) return status;
    for (uint32_t o = 0; o < model->output_count; o++) {
      if (nnq_code(output, output_bits, o) != stored_code(vector, output_bits, o) &&
          expected.first_bad == layers) {
        expected.first_bad = layers - 1;
      }
    }
  }
  if (layer) *layer = expected.first_bad;
  return expected.first_bad < layers ? NNQ_ERROR_MISMATCH : NNQ_OK;
}

#else

nnq_status nnq_selftest_input(const nnq_model *model, uint32_t vector, void *input) {
  (void)model, (void)vector, (void)input;
  return NNQ_ERROR_UNDEFINED;
}

nnq_status nnq_selftest_layer(const nnq_model *model, void *input, void *output, void *arena,
                              size_t arena_bytes, uint32_t *layer) {
  (void)model, (void)input, (void)output, (void)arena, (void)arena_bytes, (void)layer;
  return NNQ_ERROR_UNDEFINED;
}

#endif

nnq_status nnq_selftest(const nnq_model *model, void *input, void *output, void *arena,
                        size_t arena_bytes) {
  return nnq_selftest_layer(model, input, output, arena, arena_bytes, NULL);
}
