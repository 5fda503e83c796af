/* SPDX-License-Identifier: Apache-2.0 */

/* What packing takes, and the calls on packed models that are refused. */

#include "check.h"
#include "mixed_spec.h"
#include "nnq.h"

/* Weights of 4 bits stay 4 bits in all kernels of x86. */
static void narrow_sizes(void) {
  uint64_t seed = 30;
  spec *s = one_layer(random_bits(&seed), 64, 64, 8, 8);
  s->layer[0].table_kind = 0;
  image file = write_image(s);
  make_narrow(&s->layer[0], 64, &seed);
  image narrow_file = write_image(s);
  nnq_model model, narrow;
  CHECK_EQUAL(nnq_load(&model, file.bytes, file.size), NNQ_OK);
  CHECK_EQUAL(nnq_load(&narrow, narrow_file.bytes, narrow_file.size), NNQ_OK);
  for (uint32_t kernel = 1; kernel < nnq_kernels() && nnq_kernels() == 4; kernel++) {
    CHECK_EQUAL(nnq_pack_bytes(&model, kernel) - nnq_pack_bytes(&narrow, kernel), 64 * 32);
  }
  free(file.bytes);
  free(narrow_file.bytes);
  free_spec(s);
}

/* Limits are packed where a shift is below 33, and not otherwise: two vectors of at least 4 lanes.
 * The arena of a lone layer is a row of its inputs, filled up. */
static void lone_layer_sizes(void) {
  spec *s = one_layer(31, 2, 3, 8, 8);
  s->layer[0].table_kind = 0;
  for (int o = 0; o < 3; o++) s->layer[0].shift[o] = 33;
  image file = write_image(s);
  s->layer[0].shift[2] = 32;
  image short_file = write_image(s);
  nnq_model model, short_model;
  CHECK_EQUAL(nnq_load(&model, file.bytes, file.size), NNQ_OK);
  CHECK_EQUAL(nnq_load(&short_model, short_file.bytes, short_file.size), NNQ_OK);
  for (uint32_t kernel = 1; kernel < nnq_kernels(); kernel++) {
    CHECK(nnq_pack_bytes(&short_model, kernel) >= nnq_pack_bytes(&model, kernel) + 32);
    CHECK_EQUAL(nnq_batch_arena_bytes(&model, kernel, 1), NNQ_PACK_ALIGNMENT);
  }
  free(file.bytes);
  free(short_file.bytes);
  free_spec(s);
}

static void calls(void) {
  spec *s = sample_spec(1), *other = sample_spec(3);
  image file = write_image(s), other_file = write_image(other);
  nnq_model model, other_model;
  CHECK_EQUAL(nnq_load(&model, file.bytes, file.size), NNQ_OK);
  CHECK_EQUAL(nnq_load(&other_model, other_file.bytes, other_file.size), NNQ_OK);
  int8_t input[2 * 4] = {0}, output[2 * 3];
  uint32_t kernels = nnq_kernels();
  CHECK(kernels >= 1);
  CHECK_EQUAL(nnq_pack_bytes(&model, 0), 0);
  CHECK_EQUAL(strcmp(nnq_kernel_name(0), "scalar"), 0);
  CHECK(nnq_kernel_is_available(0));
  CHECK(nnq_kernel_is_available(nnq_best_kernel()));
  CHECK(nnq_best_kernel() < kernels);
  CHECK_EQUAL(strcmp(nnq_kernel_name(kernels), "unknown"), 0);
  CHECK(!nnq_kernel_is_available(kernels));
  CHECK_EQUAL(nnq_pack_bytes(&model, kernels), 0);
  CHECK_EQUAL(nnq_pack(&model, 0, NULL, 0), NNQ_OK);
  CHECK_EQUAL(nnq_pack(NULL, 0, NULL, 0), NNQ_ERROR_NULL);
  CHECK_EQUAL(nnq_pack(&model, kernels, NULL, 0), NNQ_ERROR_KERNEL);
  CHECK_EQUAL(nnq_batch_arena_bytes(&model, 0, 1000), nnq_arena_bytes(&model));
  uint32_t arena[16];
  CHECK_EQUAL(nnq_run_batch(&model, NULL, 2, input, output, arena, sizeof arena), NNQ_OK);
  CHECK_EQUAL(nnq_run_batch(&model, NULL, 2, input, output, arena, 1), NNQ_ERROR_ARENA);
  CHECK_EQUAL(nnq_run_batch(&model, NULL, 2, NULL, output, arena, 1), NNQ_ERROR_NULL);
  CHECK_EQUAL(nnq_run_batch(&model, NULL, 0, input, output, arena, sizeof arena), NNQ_OK);
  CHECK_EQUAL(nnq_run_batch(&model, NULL, 0, NULL, output, arena, sizeof arena), NNQ_ERROR_NULL);
  CHECK_EQUAL(nnq_run_batch(&model, NULL, 0, input, NULL, arena, sizeof arena), NNQ_ERROR_NULL);
  for (uint32_t kernel = 1; kernel < kernels; kernel++) {
    size_t bytes = nnq_pack_bytes(&model, kernel);
    CHECK(bytes > 0 && bytes % NNQ_PACK_ALIGNMENT == 0);
    uint8_t *packed = allocate_packed(bytes + NNQ_PACK_ALIGNMENT);
    memset(packed, 0x3C, bytes + NNQ_PACK_ALIGNMENT);
    if (!nnq_kernel_is_available(kernel)) {
      CHECK_EQUAL(nnq_pack(&model, kernel, packed, bytes), NNQ_ERROR_KERNEL);
      printf("%s: not tested, this CPU lacks it; ", nnq_kernel_name(kernel));
      free(packed);
      continue;
    }
    CHECK_EQUAL(nnq_pack(&model, kernel, NULL, bytes), NNQ_ERROR_NULL);
    for (size_t by = 1; by < NNQ_PACK_ALIGNMENT; by *= 2) {
      CHECK_EQUAL(nnq_pack(&model, kernel, packed + by, bytes), NNQ_ERROR_ALIGNMENT);
    }
    CHECK_EQUAL(nnq_pack(&model, kernel, packed, bytes - 1), NNQ_ERROR_PACKED);
    size_t size = nnq_batch_arena_bytes(&model, kernel, 2);
    uint8_t *room = allocate(size + 4);
    CHECK_EQUAL(nnq_run_batch(&model, packed, 2, input, output, room, size), NNQ_ERROR_PACKED);
    CHECK_EQUAL(nnq_pack(&model, kernel, packed, bytes), NNQ_OK);
    CHECK_EQUAL(packed[bytes], 0x3C);
    CHECK_EQUAL(nnq_run_batch(&model, packed, 2, input, output, NULL, size), NNQ_ERROR_NULL);
    CHECK_EQUAL(nnq_run_batch(&model, packed, 2, NULL, output, room, size), NNQ_ERROR_NULL);
    CHECK_EQUAL(nnq_run_batch(&model, packed, 2, input, NULL, room, size), NNQ_ERROR_NULL);
    CHECK_EQUAL(nnq_run_batch(&model, packed, 2, input, output, room, size - 1), NNQ_ERROR_ARENA);
    CHECK_EQUAL(nnq_run_batch(&model, packed, 3, input, output, room, size), NNQ_ERROR_ARENA);
    for (size_t by = 1; by < NNQ_ALIGNMENT; by *= 2) {
      CHECK_EQUAL(nnq_run_batch(&model, packed, 2, input, output, room + by, size),
                  NNQ_ERROR_ALIGNMENT);
    }
    for (size_t by = 1; by < NNQ_PACK_ALIGNMENT; by *= 2) {
      CHECK_EQUAL(nnq_run_batch(&model, packed + by, 2, input, output, room, size),
                  NNQ_ERROR_ALIGNMENT);
    }
    CHECK_EQUAL(nnq_run_batch(&other_model, packed, 2, input, output, room, size),
                NNQ_ERROR_PACKED);
    CHECK_EQUAL(nnq_run_batch(&model, packed, 0, input, output, room, size), NNQ_OK);
    CHECK_EQUAL(nnq_run_batch(&model, packed, 2, input, output, room, size), NNQ_OK);

    /* A packed model may be moved. */
    int8_t moved[2 * 3];
    uint8_t *copy = allocate_packed(bytes);
    memcpy(copy, packed, bytes);
    memset(packed, 0, bytes);
    CHECK_EQUAL(nnq_run_batch(&model, copy, 2, input, moved, room, size), NNQ_OK);
    CHECK_EQUAL(memcmp(moved, output, 2 * nnq_outputs(&model)), 0);
    CHECK_EQUAL(nnq_batch_arena_bytes(&model, kernel, 1000),
                nnq_batch_arena_bytes(&model, kernel, UINT32_MAX));
    free(copy);
    free(packed);
    free(room);
  }
  free(file.bytes);
  free(other_file.bytes);
  free_spec(s);
  free_spec(other);
}

void test_packing(void) {
  calls();
  if (NNQ_HAS_INT4) narrow_sizes();
  lone_layer_sizes();
}
