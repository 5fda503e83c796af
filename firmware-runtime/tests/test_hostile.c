/* SPDX-License-Identifier: Apache-2.0 */

#include "check.h"
#include "mixed_spec.h"
#include "nnq.h"

/* Loads a copy of exactly this size; an accepted model is used in every way there is. */
static nnq_status load_and_use(const uint8_t *bytes, size_t size) {
  uint8_t *copy = allocate(size);
  memcpy(copy, bytes, size);
  nnq_model model;
  nnq_status status = nnq_load(&model, copy, size);
  if (status == NNQ_OK) {
    size_t arena_bytes = nnq_arena_bytes(&model);
    size_t input_bytes = nnq_inputs(&model) * (nnq_input_bits(&model) / 8);
    size_t output_bytes = nnq_outputs(&model) * (nnq_output_bits(&model) / 8);
    uint8_t *input = allocate(input_bytes), *output = allocate(output_bytes);
    void *arena = allocate(arena_bytes);
    static const uint8_t patterns[3] = {0x80, 0x7F, 0x35};
    for (int i = 0; i < 3; i++) {
      memset(input, patterns[i], input_bytes);
      CHECK_EQUAL(nnq_run(&model, input, output, arena, arena_bytes), NNQ_OK);
    }
    uint32_t label;
    int64_t margin;
    uint8_t *flags = allocate(nnq_outputs(&model));
    int64_t *margins = allocate(8 * nnq_outputs(&model));
    uint16_t *probabilities = allocate(2 * nnq_outputs(&model));
    int32_t *counts = allocate(4 * nnq_inputs(&model));
    memset(counts, 0x81, 4 * nnq_inputs(&model));
    nnq_class(&model, output, &label, &margin);
    nnq_flags(&model, output, flags, margins);
    nnq_probabilities(&model, output, probabilities);
    nnq_score(&model, input, output, &margin);
    nnq_quantize_counts(&model, counts, input);
    nnq_status selftest = nnq_selftest(&model, input, output, arena, arena_bytes);
    CHECK(selftest == NNQ_OK || selftest == NNQ_ERROR_MISMATCH || selftest == NNQ_ERROR_UNDEFINED);
    free(flags);
    free(margins);
    free(probabilities);
    free(counts);
    free(input);
    free(output);
    free(arena);
  }
  free(copy);
  return status;
}

static void damaged(const image *file) {
  for (size_t bit = 0; bit < 8 * file->size; bit++) {
    file->bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
    CHECK(load_and_use(file->bytes, file->size) != NNQ_OK);
    file->bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
  }
  for (size_t size = 0; size < file->size; size++) {
    CHECK(load_and_use(file->bytes, size) != NNQ_OK);
  }
  uint8_t *longer = allocate(file->size + 64);
  memcpy(longer, file->bytes, file->size);
  memset(longer + file->size, 0, 64);
  for (size_t more = 1; more <= 64; more++) {
    CHECK(load_and_use(longer, file->size + more) != NNQ_OK);
  }
  free(longer);
}

/* The same with a right length and checksum: what is accepted must run. */
static void crafted(const image *file, uint64_t seed) {
  uint8_t *bytes = allocate(file->size + 64);
  unsigned long accepted = 0;
  for (size_t bit = 0; bit < 8 * file->size; bit++) {
    memcpy(bytes, file->bytes, file->size);
    bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
    repair_crc(bytes, file->size);
    accepted += load_and_use(bytes, file->size) == NNQ_OK;
  }
  CHECK(accepted > 0);
  for (size_t size = 16; size < file->size; size++) {
    memcpy(bytes, file->bytes, size);
    repair(bytes, size);
    load_and_use(bytes, size);
  }
  for (size_t more = 1; more <= 64; more++) {
    memcpy(bytes, file->bytes, file->size);
    for (size_t i = 0; i < more; i++) bytes[file->size + i] = (uint8_t)random_bits(&seed);
    repair(bytes, file->size + more);
    load_and_use(bytes, file->size + more);
  }
  /* Each byte of the header, of the first section's head and of the first record takes each value. */
  for (size_t at = 0; at < 16 + 8 + 8 + 24; at++) {
    for (int value = 0; value < 256; value++) {
      memcpy(bytes, file->bytes, file->size);
      bytes[at] = (uint8_t)value;
      int is_same = bytes[at] == file->bytes[at];
      CHECK(is_same || load_and_use(bytes, file->size) != NNQ_OK);
      repair_crc(bytes, file->size);
      load_and_use(bytes, file->size);
    }
  }
  /* Fields of the header, the section heads and the records take telling values. */
  static const uint32_t telling[] = {0,   1,    2,    7,      8,      16,         127,       128,
                                     255, 256, 0x7FFF, 0x8000, 0xFFFF, 0x7FFFFFFF, 0x80000000,
                                     0xFFFFFFF8, 0xFFFFFFFF};
  for (int n = 0; n < 20000; n++) {
    memcpy(bytes, file->bytes, file->size);
    int times = (int)random_in(&seed, 1, 3);
    for (int k = 0; k < times; k++) {
      int width = 1 << random_in(&seed, 0, 2);
      size_t section = file->payload[random_in(&seed, 0, 4)];
      size_t base = section ? section - 8 : 0;
      size_t at = base + (size_t)random_in(&seed, 0, 100) / (size_t)width * (size_t)width;
      uint32_t value = random_in(&seed, 0, 1)
                           ? telling[random_bits(&seed) % (sizeof telling / sizeof *telling)]
                           : (uint32_t)random_bits(&seed);
      if (at + 4 <= file->size) patch(bytes, at, value, width);
    }
    repair_crc(bytes, file->size);
    load_and_use(bytes, file->size);
  }
  free(bytes);
}

void test_hostile(void) {
  for (int task = 1; task <= 5; task++) {
    spec *s = sample_spec(task);
    image file = write_image(s);
    CHECK_EQUAL(load_and_use(file.bytes, file.size), NNQ_OK);
    damaged(&file);
    crafted(&file, (uint64_t)task);
    free(file.bytes);
    free_spec(s);
  }
  for (int n = 0; n < 4; n++) {
    spec *s = mixed_spec((uint64_t)n + 40, 5, 6);
    image file = write_image(s);
    CHECK_EQUAL(load_and_use(file.bytes, file.size), NNQ_OK);
    crafted(&file, (uint64_t)n);
    free(file.bytes);
    free_spec(s);
  }
}
