/* SPDX-License-Identifier: Apache-2.0 */

/* nnq_sodium.h: a verifier for signatures that nnq sign makes, with libsodium. Compile src/sodium.c
 * and link with -lsodium to have it. */

#ifndef NNQ_SODIUM_H
#define NNQ_SODIUM_H

#include "nnq.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What nnq_sodium_verify() asks for. */
typedef struct nnq_sodium_check {
  const uint8_t *signature; /* the bytes of the signature's file */
  size_t signature_bytes;
  const uint8_t *keys; /* [key_count][32], the public keys that are trusted */
  size_t key_count;
  const char *device_class; /* of this device; "" takes models for any class only */
  uint64_t minimum_version;
  int64_t now;            /* seconds since 1970 */
  uint64_t model_version; /* written: that of the accepted model */
} nnq_sodium_check;

/* An nnq_verifier; context is an nnq_sodium_check. */
nnq_status nnq_sodium_verify(void *context, const uint8_t *sha256);

#ifdef __cplusplus
}
#endif

#endif
