/* SPDX-License-Identifier: Apache-2.0 */

#include "check.h"
#include "image_writer.h"
#include "nnq.h"

static void check_digest(const void *bytes, size_t size, const char *hex) {
  uint8_t digest[NNQ_SHA256_BYTES];
  char text[2 * NNQ_SHA256_BYTES + 1];
  uint8_t *copy = allocate(size);
  memcpy(copy, bytes, size);
  nnq_sha256(copy, size, digest);
  free(copy);
  for (int i = 0; i < NNQ_SHA256_BYTES; i++) snprintf(text + 2 * i, 3, "%02x", digest[i]);
  CHECK(strcmp(text, hex) == 0);
}

/* The examples of FIPS 180-4 and, where the padding turns over, what sha256sum says. */
static void known_digests(void) {
  char many[1001];
  memset(many, 'a', sizeof many);
  check_digest("", 0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  check_digest("abc", 3, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  check_digest("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 56,
               "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  check_digest(many, 55, "9f4390f8d30c2dd92ec9f095b65e2b9ae9b0a925a5258e241c9f1e910f734318");
  check_digest(many, 64, "ffe054fe7ae0cb6dc65c3af9b61d5209f439851db43d0ba5997337df154668eb");
  check_digest(many, 1000, "41edece42d63e8d9bf515a9ba6932e1c20cbc9f5a5d134645adb5db1b9737ea3");
}

/* Bytes 1, 8, 15 and so on, of which no two neighbours are alike. */
static void digests_of_many(void) {
  static const struct {
    size_t size;
    const char *hex;
  } cases[] = {
      {1,
       "4bf5122f344554c53bde2ebb8cd2b7e3d1600ad631c385a5d7cce23c7785459a"},
      {55,
       "16fa57a0a3423a715d594516339f36189d6b5f93754a9714fef202616a9fabfe"},
      {63,
       "bbba992d2c85af960fb2987a1fd05e0aa82a3db3c740dd8982a9e273b75e36a3"},
      {119,
       "a3ed307b730fa77c07531300c6e4a282330011d4d4caf6bb7b63ae05950f4b66"},
      {120,
       "8e3b15d9fea7472655aa069620b7f8c2e55ee1499f763200a7515fe826e99d20"},
      {128,
       "e462c130fef8c97e34f7dc3ff3ad2f8b3533ab849af21c10531552a2852387a4"},
      {1000,
       "095ecb62e30793ab4b954cd6a0586d0cc91f7ea5b1332694d8da780e98676d78"},
  };
  uint8_t bytes[1000];
  for (int i = 0; i < 1000; i++) bytes[i] = (uint8_t)(7 * i + 1);
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    check_digest(bytes, cases[i].size, cases[i].hex);
  }
}

typedef struct question {
  nnq_status answer;
  int asked;
  uint8_t digest[NNQ_SHA256_BYTES];
} question;

static nnq_status answer(void *context, const uint8_t *digest) {
  question *q = context;
  q->asked++;
  memcpy(q->digest, digest, NNQ_SHA256_BYTES);
  return q->answer;
}

static void loading(void) {
  spec *s = sample_spec(2);
  image file = write_image(s);
  uint8_t digest[NNQ_SHA256_BYTES];
  nnq_sha256(file.bytes, file.size, digest);
  nnq_model model, untouched;
  memset(&untouched, 0x5A, sizeof untouched);
  model = untouched;

  CHECK_EQUAL(nnq_load_signed(&model, file.bytes, file.size, NULL, NULL), NNQ_ERROR_NULL);
  question q = {NNQ_ERROR_SIGNATURE, 0, {0}};
  CHECK_EQUAL(nnq_load_signed(NULL, file.bytes, file.size, answer, &q), NNQ_ERROR_NULL);
  CHECK_EQUAL(nnq_load_signed(&model, NULL, file.size, answer, &q), NNQ_ERROR_NULL);
  CHECK_EQUAL(q.asked, 0);
  /* Any answer but NNQ_OK is a no, and then nothing is parsed: the status is not that of a fault. */
  static const nnq_status refusals[] = {NNQ_ERROR_SIGNATURE, NNQ_ERROR_CRC, (nnq_status)1};
  for (int i = 0; i < 3; i++) {
    q.answer = refusals[i];
    file.bytes[20] ^= 1;
    CHECK_EQUAL(nnq_load_signed(&model, file.bytes, file.size, answer, &q), NNQ_ERROR_SIGNATURE);
    file.bytes[20] ^= 1;
    CHECK_EQUAL(nnq_load_signed(&model, file.bytes, file.size, answer, &q), NNQ_ERROR_SIGNATURE);
    CHECK(memcmp(&model, &untouched, sizeof model) == 0);
  }
  q.answer = NNQ_OK;
  CHECK_EQUAL(nnq_load_signed(&model, file.bytes, file.size, answer, &q), NNQ_OK);
  CHECK(memcmp(q.digest, digest, sizeof digest) == 0);
  CHECK_EQUAL(nnq_inputs(&model), 5);
  /* A yes does not make a bad image good. */
  file.bytes[20] ^= 1;
  CHECK_EQUAL(nnq_load_signed(&model, file.bytes, file.size, answer, &q), NNQ_ERROR_CRC);
  free(file.bytes);
  free_spec(s);
}

static size_t write_signature(uint8_t *bytes, const char *device_class) {
  static const uint8_t head[7] = {0x8E, 0x4E, 0x4E, 0x51, 'G', 1, 1};
  size_t length = strlen(device_class), padded = (length + 7) / 8 * 8;
  memset(bytes, 0, 96 + padded);
  memcpy(bytes, head, sizeof head);
  bytes[7] = (uint8_t)length;
  for (int i = 8; i < 96; i++) bytes[i] = (uint8_t)i;
  bytes[31] = 0; /* a negative end is refused */
  memcpy(bytes + 96, device_class, length);
  memset(bytes + 96 + padded, 0xEE, 64);
  return 96 + padded + 64;
}

static void signatures(void) {
  uint8_t bytes[256], digest[NNQ_SHA256_BYTES];
  nnq_signature s;
  static const char *const classes[] = {"", "x", "motor", "pump-12b"};
  static const char *const others[] = {"", "x", "y", "xy", "moto", "motor", "motors", "rotor", "mover",
                                       "pump-12b"};
  for (int c = 0; c < 4; c++) {
    size_t size = write_signature(bytes, classes[c]);
    CHECK_EQUAL(nnq_signature_read(&s, bytes, size), NNQ_OK);
    CHECK_EQUAL(s.model_version, INT64_C(0x1716151413121110));
    CHECK_EQUAL(s.expires, INT64_C(0x001E1D1C1B1A1918));
    CHECK_EQUAL(s.key_identity - bytes, 8);
    CHECK_EQUAL(s.file_sha256 - bytes, 32);
    CHECK_EQUAL(s.image_sha256 - bytes, 64);
    CHECK_EQUAL(s.device_class - bytes, 96);
    CHECK_EQUAL(s.device_class_bytes, strlen(classes[c]));
    CHECK_EQUAL(s.message - bytes, 0);
    CHECK_EQUAL(s.message_bytes, size - 64);
    CHECK_EQUAL(s.signature - bytes, size - 64);
    memcpy(digest, bytes + 64, sizeof digest);
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
      int is_covered = c == 0 || strcmp(others[i], classes[c]) == 0;
      CHECK_EQUAL(nnq_signature_covers(&s, digest, others[i], s.model_version),
                  is_covered ? NNQ_OK : NNQ_ERROR_SIGNATURE);
    }
    CHECK_EQUAL(nnq_signature_covers(&s, digest, classes[c], s.model_version + 1),
                NNQ_ERROR_SIGNATURE);
    for (int i = 0; i < NNQ_SHA256_BYTES; i++) {
      digest[i] ^= 1;
      CHECK_EQUAL(nnq_signature_covers(&s, digest, classes[c], 0), NNQ_ERROR_SIGNATURE);
      digest[i] ^= 1;
    }
    for (size_t length = 0; length < size; length++) {
      CHECK_EQUAL(nnq_signature_read(&s, bytes, length), NNQ_ERROR_SIZE);
    }
    CHECK_EQUAL(nnq_signature_read(&s, bytes, size + 1), NNQ_ERROR_SIZE);
    for (int i = 0; i < 7; i++) {
      bytes[i] ^= 4;
      CHECK_EQUAL(nnq_signature_read(&s, bytes, size), NNQ_ERROR_SIGNATURE);
      bytes[i] ^= 4;
    }
    bytes[31] = 0x80;
    CHECK_EQUAL(nnq_signature_read(&s, bytes, size), NNQ_ERROR_SIGNATURE);
    memset(bytes + 24, 0, 8); /* it may have ended at the beginning of time */
    CHECK_EQUAL(nnq_signature_read(&s, bytes, size), NNQ_OK);
    CHECK_EQUAL(s.expires, 0);
  }
  write_signature(bytes, "motor");
  bytes[103] = 1;
  CHECK_EQUAL(nnq_signature_read(&s, bytes, 168), NNQ_ERROR_RESERVED);
  bytes[7] = 200;
  CHECK_EQUAL(nnq_signature_read(&s, bytes, 168), NNQ_ERROR_SIGNATURE);

  /* A NUL within a class ends the device's own. */
  size_t size = write_signature(bytes, "mo.or");
  bytes[96 + 2] = 0;
  memcpy(digest, bytes + 64, sizeof digest);
  CHECK_EQUAL(nnq_signature_read(&s, bytes, size), NNQ_OK);
  CHECK_EQUAL(nnq_signature_covers(&s, digest, "mo\0or", 0), NNQ_ERROR_SIGNATURE);

  /* What is not a signature is told from one that is cut off where the head ends. */
  memset(bytes, 0, sizeof bytes);
  CHECK_EQUAL(nnq_signature_read(&s, bytes, 95), NNQ_ERROR_SIZE);
  CHECK_EQUAL(nnq_signature_read(&s, bytes, 96), NNQ_ERROR_SIGNATURE);
}

static void longest_class(void) {
  uint8_t bytes[256];
  char device_class[66] = {0};
  nnq_signature s;
  memset(device_class, 'a', 64);
  size_t size = write_signature(bytes, device_class);
  CHECK_EQUAL(nnq_signature_read(&s, bytes, size), NNQ_OK);
  CHECK_EQUAL(s.device_class_bytes, 64);
  device_class[64] = 'a';
  size = write_signature(bytes, device_class);
  CHECK_EQUAL(nnq_signature_read(&s, bytes, size), NNQ_ERROR_SIGNATURE);
}

void test_signed(void) {
  known_digests();
  digests_of_many();
  loading();
  signatures();
  longest_class();
}
