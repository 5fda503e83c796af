/* SPDX-License-Identifier: Apache-2.0 */

/* Loads any bytes as an image and uses what is accepted in every way there is; with ONE_WAY, which is
 * quicker, in the one that its checksum picks. With REPAIR_CRC the header's length and checksum are
 * made right first, so that the checks behind them are reached: in this program alone, the runtime has
 * no such switch. */

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "../src/crc32c.h"
#include "nnq.h"

enum { HEADER_BYTES = 16 };

static void *take(size_t bytes) {
  void *memory = malloc(bytes ? bytes : 1); /* of the exact size, so that ASan sees a byte too many */
  if (!memory) abort();
  return memory;
}

static void must(int holds) {
  if (!holds) abort();
}

/* What a model takes and hands on. */
typedef struct buffers {
  void *input, *output, *arena;
  size_t input_bytes, arena_bytes;
} buffers;

/* Runs on codes, or counts, of one byte over and over. */
static void run(const nnq_model *model, const buffers *with, int byte, int on_counts) {
  uint32_t outputs = nnq_outputs(model), label;
  memset(with->input, byte, with->input_bytes);
  if (on_counts) {
    int32_t *counts = take(4 * (size_t)nnq_inputs(model));
    memset(counts, byte, 4 * (size_t)nnq_inputs(model));
    nnq_quantize_counts(model, counts, with->input);
    free(counts);
  }
  must(nnq_run(model, with->input, with->output, with->arena, with->arena_bytes) == NNQ_OK);

  int64_t *margins = take(8 * (size_t)outputs), score;
  uint16_t *probabilities = take(2 * (size_t)outputs);
  uint8_t *flags = take(outputs);
  nnq_class(model, with->output, &label, margins);
  nnq_flags(model, with->output, flags, margins);
  nnq_probabilities(model, with->output, probabilities);
  if (nnq_score(model, with->input, with->output, &score) == NNQ_OK) must(score >= 0);
  free(flags);
  free(probabilities);
  free(margins);
}

static void test_and_describe(const nnq_model *model, const buffers *with) {
  nnq_status status =
      nnq_selftest(model, with->input, with->output, with->arena, with->arena_bytes);
  must(status == NNQ_OK || status == NNQ_ERROR_MISMATCH || status == NNQ_ERROR_UNDEFINED);
  for (uint32_t i = 0; i <= nnq_layers(model); i++) {
    nnq_layer layer;
    must((nnq_describe_layer(model, i, &layer) == NNQ_OK) == (i < nnq_layers(model)));
  }
  for (uint32_t i = 0; i <= nnq_outputs(model); i++) {
    nnq_scale scale;
    must((nnq_output_scale(model, i, &scale) == NNQ_OK) == (i < nnq_outputs(model)));
  }
}

static void use(const nnq_model *model, unsigned ways) {
  size_t output_bytes = nnq_outputs(model) * (nnq_output_bits(model) / 8);
  buffers with = {0};
  with.input_bytes = nnq_inputs(model) * (nnq_input_bits(model) / 8);
  with.arena_bytes = nnq_arena_bytes(model);
  with.input = take(with.input_bytes);
  with.output = take(output_bytes);
  with.arena = take(with.arena_bytes);
  if (ways & 1) run(model, &with, 0x80, 0);
  if (ways & 2) run(model, &with, 0x7F, 0);
  if (ways & 4) run(model, &with, 0x35, 1);
  if (ways & 8) test_and_describe(model, &with);
  free(with.arena);
  free(with.output);
  free(with.input);
}

static void load(const uint8_t *image, size_t size) {
  nnq_model model;
  if (nnq_load(&model, image, size) != NNQ_OK) return;
#ifdef ONE_WAY
  use(&model, 1u << (image[12] & 3));
#else
  use(&model, 15);
#endif
}

#ifdef REPAIR_CRC

static void put_u32(uint8_t *bytes, uint32_t value) {
  for (int i = 0; i < 4; i++) bytes[i] = (uint8_t)(value >> 8 * i);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
  if (size < HEADER_BYTES) return 0;
  uint8_t *image = take(size);
  memcpy(image, bytes, size);
  put_u32(image + 8, (uint32_t)size);
  uint32_t crc = nnq_crc32c(UINT32_MAX, image, 12);
  put_u32(image + 12, ~nnq_crc32c(crc, image + HEADER_BYTES, (uint32_t)size - HEADER_BYTES));
  load(image, size);
  free(image);
  return 0;
}

#else

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
  load(bytes, size); /* which libFuzzer has put into memory of that size */
  return 0;
}

#endif
