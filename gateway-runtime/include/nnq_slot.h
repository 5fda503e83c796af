/* SPDX-License-Identifier: Apache-2.0 */

/* nnq_slot.h: a place in which one model runs, for daemons that change models while they answer.
 *
 * For hosts: it allocates, takes POSIX threads and keeps packed weights for the fastest kernel. A new
 * model is copied, verified, checked, self-tested and packed beside the old one; then one pointer
 * changes. Who took the old model goes on with it; its memory goes with the last of them. Nobody ever
 * sees half a model, waits for a load, or is handed one that was refused.
 *
 * All functions may be called from any thread at any time, but for nnq_slot_free(). */

#ifndef NNQ_SLOT_H
#define NNQ_SLOT_H

#include "nnq.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct nnq_slot nnq_slot;

/* A model that was taken from a slot. It does not change. */
typedef struct nnq_live nnq_live;

/* Buffers of one thread. */
typedef struct nnq_workspace nnq_workspace;

/* An empty slot; null when there is no memory. */
nnq_slot *nnq_slot_new(void);

/* Frees a slot; models that are still taken live on until they are released. Null is allowed. */
void nnq_slot_free(nnq_slot *slot);

/* Refuses models that would take more bytes than this: copy, packed weights and arena together. 0,
 * the start, is no limit. */
void nnq_slot_set_limit(nnq_slot *slot, size_t bytes);

/* Puts a model into the slot when everything about it is right; else the old one stays.
 *
 * image: a flat image at any address; it is copied first, and may go or change afterwards. verify
 * must not be null and says whether the image may run, see nnq_load_signed().
 * Returns NNQ_OK, NNQ_ERROR_SIGNATURE, NNQ_ERROR_MEMORY, NNQ_ERROR_MISMATCH when a self-test vector
 * gives other codes, or what nnq_load() returns. */
nnq_status nnq_slot_swap(nnq_slot *slot, const void *image, size_t size, nnq_verifier *verify,
                         void *context);

/* The same for bytes that the caller vouches for. */
nnq_status nnq_slot_swap_trusted(nnq_slot *slot, const void *image, size_t size);

/* Puts the model back that ran before; NNQ_ERROR_UNDEFINED when there is none. */
nnq_status nnq_slot_revert(nnq_slot *slot);

/* The model that runs now; null when there is none. Hand it back with nnq_live_release(). */
const nnq_live *nnq_slot_take(nnq_slot *slot);

void nnq_live_release(const nnq_live *live);

/* The model, its image's SHA-256, and its number in the slot: 1 for the first, and so on. */
const nnq_model *nnq_live_model(const nnq_live *live);
const uint8_t *nnq_live_sha256(const nnq_live *live);
uint64_t nnq_live_number(const nnq_live *live);

/* Computes rows as nnq_run_batch() does, with buffers that grow as they must.
 * Returns what it returns, or NNQ_ERROR_MEMORY. */
nnq_status nnq_live_run(const nnq_live *live, nnq_workspace *workspace, uint32_t rows,
                        const void *input, void *output);

/* Null when there is no memory. */
nnq_workspace *nnq_workspace_new(void);
void nnq_workspace_free(nnq_workspace *workspace);

#ifdef __cplusplus
}
#endif

#endif
