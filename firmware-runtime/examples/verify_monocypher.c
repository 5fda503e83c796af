/* SPDX-License-Identifier: Apache-2.0 */

/* A verifier with Monocypher 4 (monocypher.c and monocypher-ed25519.c) for what nnq sign makes: who
 * signed it, for which class of devices, and that it is no step back. About 10 KB of flash. */

#include <monocypher-ed25519.h>

#include "nnq.h"

typedef struct ed25519_check {
  const uint8_t *signature_file; /* MODEL.sig */
  size_t signature_file_bytes;
  const uint8_t *public_key;  /* 32 bytes, in ROM */
  const char *device_class;   /* what this device is */
  uint64_t running_version;   /* kept in a place that survives an update */
} ed25519_check;

nnq_status verify_ed25519(void *context, const uint8_t *sha256);

nnq_status verify_ed25519(void *context, const uint8_t *sha256) {
  const ed25519_check *check = context;
  nnq_signature stated;
  if (nnq_signature_read(&stated, check->signature_file, check->signature_file_bytes) != NNQ_OK ||
      crypto_ed25519_check(stated.signature, check->public_key, stated.message,
                           stated.message_bytes) != 0) {
    return NNQ_ERROR_SIGNATURE;
  }
  return nnq_signature_covers(&stated, sha256, check->device_class, check->running_version);
}
