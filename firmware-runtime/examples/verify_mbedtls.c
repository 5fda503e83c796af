/* SPDX-License-Identifier: Apache-2.0 */

/* A verifier with mbedTLS (2.28 and 3), which knows no Ed25519: ECDSA over the image's SHA-256, as
 *
 *   openssl dgst -sha256 -sign key.pem -out model.image.der model.image
 *
 * makes it with a P-256 key. It says who made the image and nothing of class, version or end: put
 * those into the image's name, or use Ed25519 and nnq sign. As a program it checks one file:
 * verify_mbedtls IMAGE SIGNATURE PUBLIC_KEY.pem */

#include <mbedtls/pk.h>
#include <stdio.h>
#include <stdlib.h>

#include "nnq.h"

typedef struct ecdsa_check {
  mbedtls_pk_context *key;
  const uint8_t *signature;
  size_t signature_bytes;
} ecdsa_check;

static nnq_status verify_ecdsa(void *context, const uint8_t *sha256) {
  ecdsa_check *check = context;
  int status = mbedtls_pk_verify(check->key, MBEDTLS_MD_SHA256, sha256, NNQ_SHA256_BYTES,
                                 check->signature, check->signature_bytes);
  return status == 0 ? NNQ_OK : NNQ_ERROR_SIGNATURE;
}

static size_t read_file(const char *path, void *bytes, size_t room) {
  FILE *file = fopen(path, "rb");
  size_t count = file ? fread(bytes, 1, room, file) : 0;
  if (file) fclose(file);
  return count;
}

int main(int count, char **arguments) {
  static uint32_t image[1 << 18]; /* aligned to 4 bytes, as in flash */
  static uint8_t signature[256];
  mbedtls_pk_context key;
  nnq_model model;
  if (count != 4) return 2;
  mbedtls_pk_init(&key);
  if (mbedtls_pk_parse_public_keyfile(&key, arguments[3]) != 0) return 3;
  size_t size = read_file(arguments[1], image, sizeof image);
  ecdsa_check check = {&key, signature, read_file(arguments[2], signature, sizeof signature)};
  nnq_status status = nnq_load_signed(&model, image, size, verify_ecdsa, &check);
  puts(nnq_status_name(status));
  mbedtls_pk_free(&key);
  return status == NNQ_OK ? 0 : 1;
}
