/* SPDX-License-Identifier: Apache-2.0 */

#define _POSIX_C_SOURCE 200809L

#include "nnq_slot.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct nnq_live {
  nnq_model model;
  uint8_t *image;
  uint8_t *packed; /* null for the scalar kernel */
  uint32_t kernel;
  uint64_t number;
  uint8_t sha256[NNQ_SHA256_BYTES];
  /* One for each place that holds it: the slot (as the one that runs, and as the one before) and
   * whoever took it. */
  size_t holders;
};

struct nnq_slot {
  /* Held for a few instructions only: readers never wait for a load. */
  pthread_mutex_t door;
  /* Held by one that changes the model, so that numbers follow the order of changes. */
  pthread_mutex_t change;
  nnq_live *now;
  nnq_live *before;
  uint64_t swaps;
  size_t limit;
};

struct nnq_workspace {
  void *arena;
  size_t bytes;
};

/* ---- Holding ---- */

static nnq_live *hold(nnq_live *live) {
  if (live) __atomic_add_fetch(&live->holders, 1, __ATOMIC_RELAXED);
  return live;
}

void nnq_live_release(const nnq_live *constant) {
  nnq_live *live = (nnq_live *)(uintptr_t)constant;
  if (!live || __atomic_sub_fetch(&live->holders, 1, __ATOMIC_ACQ_REL) != 0) return;
  free(live->image);
  free(live->packed);
  free(live);
}

const nnq_live *nnq_slot_take(nnq_slot *slot) {
  pthread_mutex_lock(&slot->door);
  nnq_live *live = hold(slot->now);
  pthread_mutex_unlock(&slot->door);
  return live;
}

const nnq_model *nnq_live_model(const nnq_live *live) { return &live->model; }
const uint8_t *nnq_live_sha256(const nnq_live *live) { return live->sha256; }
uint64_t nnq_live_number(const nnq_live *live) { return live->number; }

/* ---- Loading ---- */

static void *allocate(size_t bytes) {
  void *memory = NULL;
  return posix_memalign(&memory, NNQ_PACK_ALIGNMENT, bytes ? bytes : 1) == 0 ? memory : NULL;
}

static nnq_status self_test(const nnq_live *live) {
  if (!nnq_has_selftest(&live->model)) return NNQ_OK;
  size_t arena_bytes = nnq_arena_bytes(&live->model);
  void *input = allocate((size_t)nnq_inputs(&live->model) * 2);
  void *output = allocate((size_t)nnq_outputs(&live->model) * 2);
  void *arena = allocate(arena_bytes);
  nnq_status status = NNQ_ERROR_MEMORY;
  if (input && output && arena) {
    status = nnq_selftest(&live->model, input, output, arena, arena_bytes);
  }
  free(input);
  free(output);
  free(arena);
  return status;
}

static nnq_status pack(nnq_live *live, size_t limit, size_t size) {
  live->kernel = nnq_best_kernel();
  size_t packed_bytes = nnq_pack_bytes(&live->model, live->kernel);
  size_t arena_bytes = nnq_batch_arena_bytes(&live->model, live->kernel, 1);
  if (limit != 0 && (size > limit || packed_bytes > limit - size ||
                     arena_bytes > limit - size - packed_bytes)) {
    return NNQ_ERROR_MEMORY;
  }
  if (packed_bytes == 0) return NNQ_OK;
  live->packed = allocate(packed_bytes);
  if (!live->packed) return NNQ_ERROR_MEMORY;
  return nnq_pack(&live->model, live->kernel, live->packed, packed_bytes);
}

/* A model with one holder, or null and what is wrong with the bytes. */
static nnq_live *load(const void *image, size_t size, size_t limit, nnq_verifier *verify,
                      void *context, nnq_status *status) {
  *status = NNQ_ERROR_SIZE;
  if (size == 0 || size > NNQ_MAX_IMAGE_BYTES) return NULL;
  *status = NNQ_ERROR_MEMORY;
  if (limit != 0 && size > limit) return NULL;
  nnq_live *live = calloc(1, sizeof *live);
  if (!live) return NULL;
  live->holders = 1;
  live->image = allocate(size);
  if (live->image) {
    /* What is checked from here on is this copy, and it is what will run. */
    memcpy(live->image, image, size);
    nnq_sha256(live->image, size, live->sha256);
    *status = verify ? nnq_load_signed(&live->model, live->image, size, verify, context)
                     : nnq_load(&live->model, live->image, size);
    if (*status == NNQ_OK) *status = self_test(live);
    if (*status == NNQ_OK) *status = pack(live, limit, size);
  }
  if (*status == NNQ_OK) return live;
  nnq_live_release(live);
  return NULL;
}

/* ---- Changing ---- */

static nnq_status swap(nnq_slot *slot, const void *image, size_t size, nnq_verifier *verify,
                       void *context) {
  if (!slot || !image) return NNQ_ERROR_NULL;
  pthread_mutex_lock(&slot->change);
  nnq_status status;
  nnq_live *live = load(image, size, slot->limit, verify, context, &status);
  if (live) {
    live->number = ++slot->swaps;
    pthread_mutex_lock(&slot->door);
    nnq_live *gone = slot->before;
    slot->before = slot->now;
    slot->now = live;
    pthread_mutex_unlock(&slot->door);
    nnq_live_release(gone);
  }
  pthread_mutex_unlock(&slot->change);
  return status;
}

nnq_status nnq_slot_swap(nnq_slot *slot, const void *image, size_t size, nnq_verifier *verify,
                         void *context) {
  return verify ? swap(slot, image, size, verify, context) : NNQ_ERROR_NULL;
}

nnq_status nnq_slot_swap_trusted(nnq_slot *slot, const void *image, size_t size) {
  return swap(slot, image, size, NULL, NULL);
}

nnq_status nnq_slot_revert(nnq_slot *slot) {
  if (!slot) return NNQ_ERROR_NULL;
  pthread_mutex_lock(&slot->change);
  pthread_mutex_lock(&slot->door);
  nnq_live *gone = NULL;
  nnq_status status = NNQ_ERROR_UNDEFINED;
  if (slot->before) {
    gone = slot->now;
    slot->now = slot->before;
    slot->before = NULL;
    status = NNQ_OK;
  }
  pthread_mutex_unlock(&slot->door);
  pthread_mutex_unlock(&slot->change);
  nnq_live_release(gone);
  return status;
}

void nnq_slot_set_limit(nnq_slot *slot, size_t bytes) {
  pthread_mutex_lock(&slot->change);
  slot->limit = bytes;
  pthread_mutex_unlock(&slot->change);
}

nnq_slot *nnq_slot_new(void) {
  nnq_slot *slot = calloc(1, sizeof *slot);
  if (!slot) return NULL;
  if (pthread_mutex_init(&slot->door, NULL) != 0) {
    free(slot);
    return NULL;
  }
  if (pthread_mutex_init(&slot->change, NULL) != 0) {
    pthread_mutex_destroy(&slot->door);
    free(slot);
    return NULL;
  }
  return slot;
}

void nnq_slot_free(nnq_slot *slot) {
  if (!slot) return;
  nnq_live_release(slot->now);
  nnq_live_release(slot->before);
  pthread_mutex_destroy(&slot->door);
  pthread_mutex_destroy(&slot->change);
  free(slot);
}

/* ---- Running ---- */

nnq_workspace *nnq_workspace_new(void) { return calloc(1, sizeof(nnq_workspace)); }

void nnq_workspace_free(nnq_workspace *workspace) {
  if (!workspace) return;
  free(workspace->arena);
  free(workspace);
}

nnq_status nnq_live_run(const nnq_live *live, nnq_workspace *workspace, uint32_t rows,
                        const void *input, void *output) {
  if (!live || !workspace) return NNQ_ERROR_NULL;
  size_t bytes = nnq_batch_arena_bytes(&live->model, live->kernel, rows);
  if (bytes > workspace->bytes) {
    void *arena = allocate(bytes);
    if (!arena) return NNQ_ERROR_MEMORY;
    free(workspace->arena);
    workspace->arena = arena;
    workspace->bytes = bytes;
  }
  return nnq_run_batch(&live->model, live->packed, rows, input, output, workspace->arena,
                       workspace->bytes);
}
