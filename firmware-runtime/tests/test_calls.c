/* SPDX-License-Identifier: Apache-2.0 */

/* Calls that are wrong in one way alone. */

#include "check.h"
#include "image_writer.h"
#include "nnq.h"

static void names(void) {
  static const char *const x86[] = {"scalar", "avx2", "avxvnni", "avx512vnni"};
  static const char *const arm[] = {"scalar", "neon", "neondot"};
  const char *const *names = nnq_kernels() == 4 ? x86 : arm;
  for (uint32_t kernel = 0; kernel < nnq_kernels(); kernel++) {
    CHECK_EQUAL(strcmp(nnq_kernel_name(kernel), names[kernel]), 0);
  }
  CHECK_EQUAL(strcmp(nnq_status_name(NNQ_OK), NNQ_HAS_STATUS_NAMES ? "ok" : "unknown"), 0);
}

/* Memory that was packed from a model which differs in one number. */
static void other_models(const nnq_model *model, const void *packed, uint32_t kernel) {
  int16_t input[64] = {0}, output[64];
  size_t size = nnq_batch_arena_bytes(model, kernel, 1);
  void *arena = allocate(size);
  for (int i = 0; i < 6; i++) {
    nnq_model other = *model;
    if (i == 1) other.layer_count++;
    if (i == 2) other.input_count++;
    if (i == 3) other.output_count++;
    if (i == 4) other.input_bits = (uint8_t)(24 - other.input_bits);
    if (i == 5) other.output_bits = (uint8_t)(24 - other.output_bits);
    CHECK_EQUAL(nnq_run_batch(&other, packed, 1, input, output, arena, size),
                i == 0 ? NNQ_OK : NNQ_ERROR_PACKED);
  }
  /* Any bit of the counts. */
  for (int bit = 0; bit < 16 + 16 + 8; bit++) {
    nnq_model other = *model;
    if (bit < 16) other.input_count = (uint16_t)(other.input_count ^ 1 << bit);
    else if (bit < 32) other.output_count = (uint16_t)(other.output_count ^ 1 << (bit - 16));
    else other.layer_count = (uint8_t)(other.layer_count ^ 1 << (bit - 32));
    CHECK_EQUAL(nnq_run_batch(&other, packed, 1, input, output, arena, size), NNQ_ERROR_PACKED);
  }
  if (nnq_input_bits(model) == 16) {
    const void *odd_input = (const uint8_t *)input + 1;
    void *odd_output = (uint8_t *)output + 1;
    CHECK_EQUAL(nnq_run_batch(model, packed, 1, odd_input, output, arena, size),
                NNQ_ERROR_ALIGNMENT);
    CHECK_EQUAL(nnq_run_batch(model, packed, 1, input, odd_output, arena, size),
                NNQ_ERROR_ALIGNMENT);
  }
  free(arena);
}

static void batches(void) {
  spec *s = sample_spec(4);
  image file = write_image(s);
  nnq_model model;
  CHECK_EQUAL(nnq_load(&model, file.bytes, file.size), NNQ_OK);
  uint32_t arena[64];
  int16_t input[16] = {0}, output[16];
  CHECK_EQUAL(nnq_pack(NULL, 0, NULL, 0), NNQ_ERROR_NULL);
  CHECK_EQUAL(nnq_run_batch(NULL, NULL, 1, input, output, arena, sizeof arena), NNQ_ERROR_NULL);
  CHECK_EQUAL(nnq_run_batch(&model, NULL, 1, NULL, output, arena, sizeof arena), NNQ_ERROR_NULL);
  CHECK_EQUAL(nnq_run_batch(&model, NULL, 1, input, NULL, arena, sizeof arena), NNQ_ERROR_NULL);
  CHECK_EQUAL(nnq_run_batch(&model, NULL, 1, input, output, arena, sizeof arena), NNQ_OK);
  CHECK_EQUAL(nnq_batch_arena_bytes(&model, nnq_kernels(), 9), nnq_arena_bytes(&model));
  for (uint32_t kernel = 1; kernel < nnq_kernels(); kernel++) {
    if (!nnq_kernel_is_available(kernel)) continue;
    size_t bytes = nnq_pack_bytes(&model, kernel);
    void *packed = allocate_packed(bytes);
    CHECK_EQUAL(nnq_pack(&model, kernel, packed, bytes), NNQ_OK);
    other_models(&model, packed, kernel);
    free(packed);
  }
  if (nnq_kernels() == 1) {
    CHECK_EQUAL(nnq_run_batch(&model, arena, 1, input, output, arena, sizeof arena),
                NNQ_ERROR_PACKED);
  }
  free(file.bytes);
  free_spec(s);
}

static nnq_status agree(void *context, const uint8_t *digest) {
  (void)digest;
  ++*(int *)context;
  return NNQ_OK;
}

static void signatures(void) {
  uint8_t bytes[160] = {0};
  nnq_signature signature = {0};
  nnq_model model;
  int asked = 0;
  signature.image_sha256 = bytes;
  CHECK_EQUAL(nnq_load_signed(&model, bytes, (size_t)NNQ_MAX_IMAGE_BYTES + 1, agree, &asked),
              NNQ_ERROR_SIZE);
  CHECK_EQUAL(asked, 0);
  CHECK_EQUAL(nnq_load_signed(&model, bytes, sizeof bytes, agree, &asked), NNQ_ERROR_MAGIC);
  CHECK_EQUAL(asked, 1);
  CHECK_EQUAL(nnq_signature_read(NULL, bytes, sizeof bytes), NNQ_ERROR_NULL);
  CHECK_EQUAL(nnq_signature_read(&signature, NULL, sizeof bytes), NNQ_ERROR_NULL);
  CHECK_EQUAL(nnq_signature_read(&signature, bytes, sizeof bytes), NNQ_ERROR_SIGNATURE);
  CHECK_EQUAL(nnq_signature_covers(NULL, bytes, "", 0), NNQ_ERROR_NULL);
  CHECK_EQUAL(nnq_signature_covers(&signature, NULL, "", 0), NNQ_ERROR_NULL);
  CHECK_EQUAL(nnq_signature_covers(&signature, bytes, NULL, 0), NNQ_ERROR_NULL);
  CHECK_EQUAL(nnq_signature_covers(&signature, bytes, "", 0), NNQ_OK);
}

void test_calls(void) {
  names();
  batches();
  signatures();
}
