/* SPDX-License-Identifier: Apache-2.0 */

/* Images that somebody vouches for. Whether the signature is good is the caller's cryptography; what
 * it is asked about is decided here. */

#include "bytes.h"
#include "nnq.h"

enum { SIGNATURE_HEAD = 96, MOST_CLASS_BYTES = 64 };

nnq_status nnq_load_signed(nnq_model *model, const void *image, size_t size, nnq_verifier *verify,
                           void *context) {
  if (!model || !image || !verify) return NNQ_ERROR_NULL;
  if (size > NNQ_MAX_IMAGE_BYTES) return NNQ_ERROR_SIZE;
  uint8_t digest[NNQ_SHA256_BYTES];
  nnq_sha256(image, size, digest);
  if (verify(context, digest) != NNQ_OK) return NNQ_ERROR_SIGNATURE;
  return nnq_load(model, image, size);
}

static uint64_t u64(const uint8_t *bytes) {
  return nnq_u32(bytes) | (uint64_t)nnq_u32(bytes + 4) << 32;
}

nnq_status nnq_signature_read(nnq_signature *signature, const void *bytes, size_t size) {
  static const uint8_t head[7] = {0x8E, 0x4E, 0x4E, 0x51, 'G', 1, 1};
  if (!signature || !bytes) return NNQ_ERROR_NULL;
  const uint8_t *b = bytes;
  if (size < SIGNATURE_HEAD) return NNQ_ERROR_SIZE;
  for (unsigned i = 0; i < sizeof head; i++) {
    if (b[i] != head[i]) return NNQ_ERROR_SIGNATURE;
  }
  uint32_t class_bytes = b[7];
  if (class_bytes > MOST_CLASS_BYTES) return NNQ_ERROR_SIGNATURE;
  uint32_t message_bytes = SIGNATURE_HEAD + ((class_bytes + 7) & ~UINT32_C(7));
  if (size != message_bytes + NNQ_SIGNATURE_BYTES) return NNQ_ERROR_SIZE;
  for (uint32_t i = SIGNATURE_HEAD + class_bytes; i < message_bytes; i++) {
    if (b[i] != 0) return NNQ_ERROR_RESERVED;
  }
  signature->key_identity = b + 8;
  signature->model_version = u64(b + 16);
  signature->expires = nnq_i64(b + 24);
  signature->file_sha256 = b + 32;
  signature->image_sha256 = b + 64;
  signature->device_class = b + SIGNATURE_HEAD;
  signature->device_class_bytes = class_bytes;
  signature->message = b;
  signature->message_bytes = message_bytes;
  signature->signature = b + message_bytes;
  return signature->expires < 0 ? NNQ_ERROR_SIGNATURE : NNQ_OK;
}

nnq_status nnq_signature_covers(const nnq_signature *signature, const uint8_t *sha256,
                                const char *device_class, uint64_t minimum_version) {
  if (!signature || !sha256 || !device_class) return NNQ_ERROR_NULL;
  for (unsigned i = 0; i < NNQ_SHA256_BYTES; i++) {
    if (signature->image_sha256[i] != sha256[i]) return NNQ_ERROR_SIGNATURE;
  }
  uint32_t length = signature->device_class_bytes;
  for (uint32_t i = 0; i < length; i++) {
    /* The class has no NUL: where this one ends, the two differ. */
    if (device_class[i] == 0 || (uint8_t)device_class[i] != signature->device_class[i]) {
      return NNQ_ERROR_SIGNATURE;
    }
  }
  if (length > 0 && device_class[length] != 0) return NNQ_ERROR_SIGNATURE;
  return signature->model_version < minimum_version ? NNQ_ERROR_SIGNATURE : NNQ_OK;
}
