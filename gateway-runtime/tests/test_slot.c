/* SPDX-License-Identifier: Apache-2.0 */

/* Swaps under load: 8 threads answer while one changes models; each answer must be the one that the
 * model it names gives. Run under ThreadSanitizer and AddressSanitizer as well. */

#define _POSIX_C_SOURCE 200809L

#include "nnq_slot.h"

#include <pthread.h>

#include "image_writer.h"

unsigned long passed, failed;

enum { THREADS = 8, MODELS = 4, SWAPS = 100, ROWS = 3 };

static image files[MODELS];
static uint8_t digests[MODELS][NNQ_SHA256_BYTES];
static int16_t input[ROWS * 5];
static int16_t expected[MODELS][ROWS * 3];

static nnq_status yes(void *context, const uint8_t *sha256) {
  (void)context;
  (void)sha256;
  return NNQ_OK;
}

static nnq_status no(void *context, const uint8_t *sha256) {
  (void)context;
  (void)sha256;
  return NNQ_ERROR_SIGNATURE;
}

/* The models have 5 inputs and 3 outputs of 16 bits and differ in their weights. */
static void make_models(void) {
  static const int widths[4] = {5, 6, 7, 3}, bits[4] = {16, 8, 16, 16};
  uint64_t seed = 3;
  for (int i = 0; i < ROWS * 5; i++) input[i] = (int16_t)random_in(&seed, -32768, 32767);
  for (int m = 0; m < MODELS; m++) {
    spec *s = random_spec((uint64_t)(m + 1), 2, 3, widths, bits);
    files[m] = write_image(s);
    free_spec(s);
    nnq_sha256(files[m].bytes, files[m].size, digests[m]);
    nnq_model model;
    CHECK_EQUAL(nnq_load(&model, files[m].bytes, files[m].size), NNQ_OK);
    uint32_t arena[64];
    CHECK(nnq_arena_bytes(&model) <= sizeof arena);
    for (int r = 0; r < ROWS; r++) {
      CHECK_EQUAL(nnq_run(&model, input + 5 * r, expected[m] + 3 * r, arena, sizeof arena), NNQ_OK);
    }
  }
}

static void refusals(void) {
  nnq_slot *slot = nnq_slot_new();
  CHECK(nnq_slot_take(slot) == NULL);
  CHECK_EQUAL(nnq_slot_revert(slot), NNQ_ERROR_UNDEFINED);
  CHECK_EQUAL(nnq_slot_swap(slot, files[0].bytes, files[0].size, NULL, NULL), NNQ_ERROR_NULL);
  CHECK_EQUAL(nnq_slot_swap(slot, files[0].bytes, files[0].size, yes, NULL), NNQ_OK);
  /* Whatever is wrong, the first model stays. */
  CHECK_EQUAL(nnq_slot_swap(slot, files[1].bytes, files[1].size, no, NULL), NNQ_ERROR_SIGNATURE);
  CHECK_EQUAL(nnq_slot_swap(slot, files[1].bytes, files[1].size - 1, yes, NULL), NNQ_ERROR_SIZE);
  CHECK_EQUAL(nnq_slot_swap(slot, files[1].bytes, 0, yes, NULL), NNQ_ERROR_SIZE);
  for (size_t at = 0; at < files[1].size; at++) {
    files[1].bytes[at] ^= 0x10;
    CHECK(nnq_slot_swap(slot, files[1].bytes, files[1].size, yes, NULL) != NNQ_OK);
    files[1].bytes[at] ^= 0x10;
  }
  /* A self-test vector that is not what the model computes. */
  size_t vector = files[1].payload[0] + 8 + 12 + 8; /* the checksum of its first layer */
  files[1].bytes[vector] ^= 1;
  repair_crc(files[1].bytes, files[1].size);
  CHECK_EQUAL(nnq_slot_swap(slot, files[1].bytes, files[1].size, yes, NULL), NNQ_ERROR_MISMATCH);
  files[1].bytes[vector] ^= 1;
  repair_crc(files[1].bytes, files[1].size);
  nnq_slot_set_limit(slot, files[1].size);
  CHECK_EQUAL(nnq_slot_swap(slot, files[1].bytes, files[1].size, yes, NULL), NNQ_ERROR_MEMORY);
  nnq_slot_set_limit(slot, 1 << 20);

  const nnq_live *first = nnq_slot_take(slot);
  CHECK(memcmp(nnq_live_sha256(first), digests[0], NNQ_SHA256_BYTES) == 0);
  CHECK_EQUAL(nnq_live_number(first), 1);
  /* An image at an odd address is copied to a good one. */
  uint8_t *odd = allocate(files[2].size + 1);
  memcpy(odd + 1, files[2].bytes, files[2].size);
  CHECK_EQUAL(nnq_slot_swap_trusted(slot, odd + 1, files[2].size), NNQ_OK);
  memset(odd, 0, files[2].size + 1);
  free(odd);
  const nnq_live *second = nnq_slot_take(slot);
  CHECK(memcmp(nnq_live_sha256(second), digests[2], NNQ_SHA256_BYTES) == 0);
  CHECK_EQUAL(nnq_slot_revert(slot), NNQ_OK);
  const nnq_live *again = nnq_slot_take(slot);
  CHECK(again == first);
  CHECK_EQUAL(nnq_slot_revert(slot), NNQ_ERROR_UNDEFINED);
  /* A model that was taken outlives the slot. */
  nnq_slot_free(slot);
  CHECK_EQUAL(nnq_inputs(nnq_live_model(second)), 5);
  nnq_live_release(first);
  nnq_live_release(second);
  nnq_live_release(again);
}

typedef struct worker {
  pthread_t thread;
  nnq_slot *slot;
  int *stop;
  unsigned long answers, wrong;
  uint64_t last;
} worker;

static void *answer(void *context) {
  worker *w = context;
  nnq_workspace *workspace = nnq_workspace_new();
  int16_t output[ROWS * 3];
  while (!__atomic_load_n(w->stop, __ATOMIC_ACQUIRE) || w->answers == 0) {
    const nnq_live *live = nnq_slot_take(w->slot);
    w->wrong += nnq_live_run(live, workspace, ROWS, input, output) != NNQ_OK;
    int model = -1;
    for (int m = 0; m < MODELS; m++) {
      if (memcmp(nnq_live_sha256(live), digests[m], NNQ_SHA256_BYTES) == 0) model = m;
    }
    w->wrong += model < 0 || memcmp(output, expected[model], sizeof output) != 0;
    /* A thread never goes back to an older model. */
    w->wrong += nnq_live_number(live) < w->last;
    w->last = nnq_live_number(live);
    w->answers++;
    nnq_live_release(live);
  }
  nnq_workspace_free(workspace);
  return NULL;
}

static void swaps_under_load(void) {
  nnq_slot *slot = nnq_slot_new();
  int stop = 0;
  worker workers[THREADS];
  CHECK_EQUAL(nnq_slot_swap_trusted(slot, files[0].bytes, files[0].size), NNQ_OK);
  for (int t = 0; t < THREADS; t++) {
    workers[t] = (worker){.slot = slot, .stop = &stop};
    CHECK_EQUAL(pthread_create(&workers[t].thread, NULL, answer, &workers[t]), 0);
  }
  for (int i = 1; i <= SWAPS; i++) {
    const image *file = &files[i % MODELS];
    /* Every third one is refused, and nobody may notice. */
    nnq_verifier *verify = i % 3 == 0 ? no : yes;
    CHECK_EQUAL(nnq_slot_swap(slot, file->bytes, file->size, verify, NULL),
                i % 3 == 0 ? NNQ_ERROR_SIGNATURE : NNQ_OK);
  }
  __atomic_store_n(&stop, 1, __ATOMIC_RELEASE);
  unsigned long answers = 0;
  for (int t = 0; t < THREADS; t++) {
    pthread_join(workers[t].thread, NULL);
    CHECK_EQUAL(workers[t].wrong, 0);
    answers += workers[t].answers;
  }
  printf("%lu answers from %d threads during %d swaps\n", answers, THREADS, SWAPS);
  nnq_slot_free(slot);
}

int main(void) {
  make_models();
  refusals();
  swaps_under_load();
  for (int m = 0; m < MODELS; m++) free(files[m].bytes);
  printf("%lu passed, %lu failed\n", passed, failed);
  return failed != 0;
}
