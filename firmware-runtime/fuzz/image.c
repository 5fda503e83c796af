/* SPDX-License-Identifier: Apache-2.0 */

/* Loads any bytes as an image; what is accepted is run in every way there is. With REPAIR_CRC the
 * header's length and checksum are made right first, so that the checks behind them are reached: in
 * this program alone, the runtime has no such switch. */

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "../src/crc32c.h"
#include "nnq.h"

#ifdef REPAIR_CRC
enum { HEADER_BYTES = 16 };

static void put_u32(uint8_t *bytes, uint32_t value) {
  for (int i = 0; i < 4; i++) bytes[i] = (uint8_t)(value >> 8 * i);
}
#endif

static void *take(size_t bytes) {
  void *memory = malloc(bytes ? bytes : 1); /* of the exact size, so that ASan sees a byte too many */
  if (!memory) abort();
  return memory;
}

static void must(int holds) {
  if (!holds) abort();
}

static void use(const nnq_model *model) {
  uint32_t inputs = nnq_inputs(model), outputs = nnq_outputs(model);
  size_t input_bytes = inputs * (nnq_input_bits(model) / 8);
  size_t output_bytes = outputs * (nnq_output_bits(model) / 8);
  size_t arena_bytes = nnq_arena_bytes(model);
  void *input = take(input_bytes), *output = take(output_bytes), *arena = take(arena_bytes);
  int32_t *counts = take(4 * inputs);
  uint16_t *probabilities = take(2 * outputs);
  uint8_t *flags = take(outputs);
  int64_t *margins = take(8 * outputs);
  uint32_t label;
  int64_t score;
  static const uint8_t patterns[3] = {0x80, 0x7F, 0x35};
  for (int i = 0; i < 3; i++) {
    memset(input, patterns[i], input_bytes);
    memset(counts, patterns[i], 4 * inputs);
    if (i == 2) nnq_quantize_counts(model, counts, input);
    must(nnq_run(model, input, output, arena, arena_bytes) == NNQ_OK);
    nnq_class(model, output, &label, margins);
    nnq_flags(model, output, flags, margins);
    nnq_probabilities(model, output, probabilities);
    if (nnq_score(model, input, output, &score) == NNQ_OK) must(score >= 0);
  }
  nnq_status status = nnq_selftest(model, input, output, arena, arena_bytes);
  must(status == NNQ_OK || status == NNQ_ERROR_MISMATCH || status == NNQ_ERROR_UNDEFINED);
  for (uint32_t i = 0; i <= nnq_layers(model); i++) {
    nnq_layer layer;
    must((nnq_describe_layer(model, i, &layer) == NNQ_OK) == (i < nnq_layers(model)));
  }
  for (uint32_t i = 0; i <= outputs; i++) {
    nnq_scale scale;
    must((nnq_output_scale(model, i, &scale) == NNQ_OK) == (i < outputs));
  }
  free(margins);
  free(flags);
  free(probabilities);
  free(counts);
  free(arena);
  free(output);
  free(input);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
  uint8_t *image = take(size);
  memcpy(image, bytes, size);
#ifdef REPAIR_CRC
  if (size >= HEADER_BYTES) {
    put_u32(image + 8, (uint32_t)size);
    uint32_t crc = nnq_crc32c(UINT32_MAX, image, 12);
    put_u32(image + 12, ~nnq_crc32c(crc, image + HEADER_BYTES, (uint32_t)size - HEADER_BYTES));
  }
#endif
  nnq_model model;
  if (nnq_load(&model, image, size) == NNQ_OK) use(&model);
  free(image);
  return 0;
}
