/* SPDX-License-Identifier: Apache-2.0 */

#include "nnq_sodium.h"

#include <sodium.h>
#include <string.h>

nnq_status nnq_sodium_verify(void *context, const uint8_t *sha256) {
  nnq_sodium_check *check = context;
  nnq_signature stated;
  if (!check || !sha256 || sodium_init() < 0) return NNQ_ERROR_SIGNATURE;
  if (nnq_signature_read(&stated, check->signature, check->signature_bytes) != NNQ_OK) {
    return NNQ_ERROR_SIGNATURE;
  }
  for (size_t i = 0; i < check->key_count; i++) {
    const uint8_t *key = check->keys + 32 * i;
    uint8_t identity[NNQ_SHA256_BYTES];
    nnq_sha256(key, 32, identity);
    if (memcmp(identity, stated.key_identity, 8) != 0) continue;
    if (crypto_sign_verify_detached(stated.signature, stated.message, stated.message_bytes, key)) {
      continue;
    }
    if (stated.expires != 0 && check->now >= stated.expires) return NNQ_ERROR_SIGNATURE;
    nnq_status status =
        nnq_signature_covers(&stated, sha256, check->device_class, check->minimum_version);
    if (status == NNQ_OK) check->model_version = stated.model_version;
    return status;
  }
  return NNQ_ERROR_SIGNATURE;
}
