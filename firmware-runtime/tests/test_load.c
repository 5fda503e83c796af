/* SPDX-License-Identifier: Apache-2.0 */

#include "check.h"
#include "image_writer.h"
#include "nnq.h"

/* Loads a copy of exactly this size. */
static nnq_status load_copy(const uint8_t *bytes, size_t size) {
  uint8_t *copy = allocate(size);
  nnq_model model;
  memcpy(copy, bytes, size);
  nnq_status status = nnq_load(&model, copy, size);
  free(copy);
  return status;
}

/* One fault: so many bytes at a place after the start of a section's payload (section 9 is the
 * file) are replaced, the checksum is repaired, and the status must be this one. */
typedef struct fault {
  int task, section, at, bytes;
  int64_t value;
  nnq_status status;
} fault;

enum { FILE_START = 9, SELFTEST = 0 };

/* Of the sample networks: task 1 is 3-5-4-1 in 8 bits, task 2 is 5-6-7-3 with 16, 8, 16, 16 bits. */
static const fault faults[] = {
    {1, FILE_START, 0, 1, 0x8F, NNQ_ERROR_MAGIC},
    {1, FILE_START, 3, 1, 'R', NNQ_ERROR_MAGIC},
    {1, FILE_START, 4, 1, 'P', NNQ_ERROR_FORM},
    {1, FILE_START, 5, 1, 2, NNQ_ERROR_VERSION},
    {1, FILE_START, 5, 1, 0, NNQ_ERROR_VERSION},
    {1, FILE_START, 6, 2, 1, NNQ_ERROR_LAYOUT},
    {1, FILE_START, 6, 2, 2, NNQ_ERROR_LAYOUT},
    {1, FILE_START, 6, 2, 3, NNQ_ERROR_FLAGS},
    {1, FILE_START, 6, 2, 0x8000, NNQ_ERROR_FLAGS},
    {1, FILE_START, 8, 4, 16, NNQ_ERROR_SIZE},
    {1, FILE_START, 8, 4, UINT32_MAX, NNQ_ERROR_SIZE},

    {1, 1, -6, 2, 1, NNQ_ERROR_RESERVED},
    {1, 1, -4, 4, UINT32_MAX, NNQ_ERROR_LENGTH},
    {1, 1, -4, 4, UINT32_MAX - 7, NNQ_ERROR_LENGTH},
    {1, 1, -4, 4, 7, NNQ_ERROR_LENGTH},
    {1, 1, -8, 2, 5, NNQ_ERROR_SECTION_UNKNOWN},
    {1, 1, -8, 2, 0, NNQ_ERROR_SECTION_UNKNOWN},
    {1, 1, -8, 2, 0x0101, NNQ_ERROR_SECTION_UNKNOWN},
    {1, 1, -8, 2, 0x8000, NNQ_ERROR_SECTION_ORDER},
    {1, 1, -8, 2, 2, NNQ_ERROR_SECTION_MISSING},
    {1, 2, -8, 2, 1, NNQ_ERROR_SECTION_ORDER},
    {1, 3, -8, 2, 4, NNQ_ERROR_SECTION_EXTRA},
    {5, 4, -8, 2, 5, NNQ_ERROR_SECTION_UNKNOWN},
    {5, 2, 0, 1, 4, NNQ_ERROR_THRESHOLD},

    {1, 1, 0, 2, 0, NNQ_ERROR_DIMENSION},
    {1, 1, 0, 2, 4, NNQ_ERROR_DIMENSION},
    {1, 1, 2, 2, 0, NNQ_ERROR_DIMENSION},
    {1, 1, 2, 2, 256, NNQ_ERROR_DIMENSION},
    {1, 1, 2, 2, 255, NNQ_ERROR_LENGTH},
    {1, 1, 4, 1, 0, NNQ_ERROR_BITS},
    {1, 1, 4, 1, 4, NNQ_ERROR_BITS},
    {1, 1, 5, 1, 1, NNQ_ERROR_RESERVED},
    {1, 1, 7, 1, 1, NNQ_ERROR_RESERVED},

    {1, 1, 8, 1, 0, NNQ_ERROR_OPERATION},
    {1, 1, 8, 1, 5, NNQ_ERROR_OPERATION},
    {1, 1, 8, 1, 2, NNQ_ERROR_BITS},
    {1, 1, 9, 1, 0, NNQ_ERROR_BITS},
    {1, 1, 9, 1, 16, NNQ_ERROR_BITS},
    {1, 1, 10, 1, 32, NNQ_ERROR_BITS},
    {1, 1, 11, 1, 10, NNQ_ERROR_ACTIVATION},
    {1, 1, 12, 1, 3, NNQ_ERROR_TABLE},
    {2, 1, 8 + 24 + 4, 1, 1, NNQ_ERROR_TABLE},
    {1, 1, 13, 1, 1, NNQ_ERROR_RESERVED},
    {1, 1, 15, 1, 1, NNQ_ERROR_RESERVED},
    {1, 1, 16, 2, 2, NNQ_ERROR_DIMENSION},
    {1, 1, 16, 2, 0, NNQ_ERROR_DIMENSION},
    {1, 1, 18, 2, 0, NNQ_ERROR_DIMENSION},
    {1, 1, 18, 2, 65535, NNQ_ERROR_LENGTH},
    {1, 1, 20, 2, 128, NNQ_ERROR_ZERO_POINT},
    {1, 1, 20, 2, -129, NNQ_ERROR_ZERO_POINT},
    {2, 1, 8 + 24 + 12, 2, 1, NNQ_ERROR_ZERO_POINT},
    {1, 1, 22, 2, -129, NNQ_ERROR_CLAMP},
    {1, 1, 22, 2, 127, NNQ_ERROR_CLAMP},
    {1, 1, 24, 2, 128, NNQ_ERROR_CLAMP},
    {1, 1, 24, 2, -128, NNQ_ERROR_CLAMP},
    {1, 1, 26, 1, 1, NNQ_ERROR_RESERVED},
    {1, 1, 31, 1, 1, NNQ_ERROR_RESERVED},

    {1, 1, 80, 4, (1 << 30) + 1, NNQ_ERROR_BIAS},
    {1, 1, 80, 4, -(1 << 30) - 1, NNQ_ERROR_BIAS},
    {1, 1, 80, 4, INT32_MIN, NNQ_ERROR_BIAS},
    {2, 1, 80, 4, 1 << 30, NNQ_OK},
    {1, 1, 100, 4, (1 << 30) - 1, NNQ_ERROR_MULTIPLIER},
    {1, 1, 100, 4, INT32_MIN, NNQ_ERROR_MULTIPLIER},
    {1, 1, 100, 4, 1 << 30, NNQ_OK},
    {1, 1, 120, 1, 0, NNQ_ERROR_SHIFT},
    {1, 1, 120, 1, 63, NNQ_ERROR_SHIFT},
    {1, 1, 120, 1, 62, NNQ_OK},
    {1, 1, 125, 1, 1, NNQ_ERROR_RESERVED},
    {1, 1, 127, 1, 1, NNQ_ERROR_RESERVED},
    {1, 1, 128, 1, -128, NNQ_ERROR_WEIGHT},
    {1, 1, 142, 1, -128, NNQ_ERROR_WEIGHT},
    {1, 1, 143, 1, 1, NNQ_ERROR_RESERVED},

    {1, 2, 0, 1, 0, NNQ_ERROR_TASK},
    {1, 2, 0, 1, 6, NNQ_ERROR_TASK},
    {1, 2, 0, 1, 2, NNQ_ERROR_TASK},
    {2, 2, 0, 1, 1, NNQ_ERROR_TASK},
    {2, 2, 0, 1, 5, NNQ_ERROR_TASK},
    {1, 2, 1, 1, 0, NNQ_ERROR_PROBABILITY},
    {1, 2, 1, 1, 2, NNQ_ERROR_PROBABILITY},
    {4, 2, 1, 1, 1, NNQ_ERROR_PROBABILITY},
    {4, 2, 1, 1, 2, NNQ_ERROR_PROBABILITY},
    {4, 2, 4, 1, 1, NNQ_ERROR_PROBABILITY},
    {4, 2, 4, 4, 1 << 30, NNQ_ERROR_PROBABILITY},
    {4, 2, 8, 1, 1, NNQ_ERROR_PROBABILITY},
    {1, 2, 2, 2, 2, NNQ_ERROR_DIMENSION},
    {1, 2, 4, 4, 0, NNQ_ERROR_MULTIPLIER},
    {1, 2, 8, 1, 0, NNQ_ERROR_SHIFT},
    {1, 2, 9, 1, 1, NNQ_ERROR_RESERVED},
    {1, 2, 15, 1, 1, NNQ_ERROR_RESERVED},
    {1, 2, 16, 8, 1, NNQ_ERROR_THRESHOLD},
    {5, 2, 16, 8, -1, NNQ_ERROR_THRESHOLD},
    {5, 2, 16, 8, INT64_MAX, NNQ_OK},
    {1, 2, 24, 4, 128, NNQ_ERROR_ORIGIN},
    {2, 2, 24, 4, 32768, NNQ_ERROR_ORIGIN},
    {4, 2, 24, 4, INT32_MIN, NNQ_OK},
    {2, 2, 24 + 16, 4, 32768, NNQ_ERROR_ORIGIN},
    {1, 2, 28, 4, (1 << 30) - 1, NNQ_ERROR_MULTIPLIER},
    {1, 2, 28, 4, 1 << 30, NNQ_OK},
    {1, 2, 32, 2, 1001, NNQ_ERROR_EXPONENT},
    {1, 2, 32, 2, -1001, NNQ_ERROR_EXPONENT},
    {1, 2, 34, 2, 1, NNQ_ERROR_RESERVED},
    {1, 2, 36, 4, INT32_MIN, NNQ_OK},
    {2, 2, 36, 4, 1, NNQ_ERROR_THRESHOLD},
    {2, 2, 36, 4, INT32_MIN, NNQ_ERROR_THRESHOLD},
    {1, 2, -4, 4, 39, NNQ_ERROR_LENGTH},

    {1, 3, 0, 4, 100001, NNQ_ERROR_COUNTS},
    {1, 3, 8, 4, INT32_MIN, NNQ_ERROR_COUNTS},
    {1, 3, 8, 4, INT32_MAX, NNQ_ERROR_COUNTS},
    {1, 3, 12, 4, 1, NNQ_ERROR_MULTIPLIER},
    {1, 3, 16, 1, 63, NNQ_ERROR_SHIFT},
    {1, 3, 17, 1, 1, NNQ_ERROR_RESERVED},
    {1, 3, 18, 2, 128, NNQ_ERROR_ZERO_POINT},
    {1, 3, -4, 4, 61, NNQ_ERROR_LENGTH},
    {1, 3, 60, 1, 1, NNQ_ERROR_RESERVED},

    {5, 4, 0, 4, (1 << 30) + 1, NNQ_ERROR_ORIGIN},
    {5, 4, 4, 4, 1, NNQ_ERROR_MULTIPLIER},
    {5, 4, 8, 1, 0, NNQ_ERROR_SHIFT},
    {5, 4, 9, 1, 1, NNQ_ERROR_RESERVED},
    {5, 4, -4, 4, 71, NNQ_ERROR_LENGTH},
    {5, 4, -8, 2, 3, NNQ_ERROR_SECTION_ORDER},

    {1, SELFTEST, 0, 2, 0, NNQ_ERROR_SELFTEST},
    {1, SELFTEST, 0, 2, 65, NNQ_ERROR_SELFTEST},
    {1, SELFTEST, 0, 2, 3, NNQ_ERROR_LENGTH},
    {1, SELFTEST, 2, 2, 1, NNQ_ERROR_RESERVED},
    {1, SELFTEST, 3, 1, 1, NNQ_ERROR_RESERVED},
    {1, SELFTEST, 4, 4, 1, NNQ_ERROR_RESERVED},
    {1, SELFTEST, 7, 1, 1, NNQ_ERROR_RESERVED},
    {1, SELFTEST, 8 + 3, 1, 1, NNQ_ERROR_RESERVED},
    {1, SELFTEST, 8 + 5, 1, 1, NNQ_ERROR_RESERVED},
    {1, SELFTEST, 8 + 20 + 3, 1, 1, NNQ_ERROR_RESERVED},
    {1, SELFTEST, -8, 2, 0x8000, NNQ_OK}, /* unknown but ignorable */
    {1, SELFTEST, -8, 2, 0xFFFF, NNQ_OK},
};

static void each_fault(void) {
  for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
    const fault *f = &faults[i];
    if (!HAS_ALL_PARTS && (f->task != 1 || f->section == 3 || f->section == SELFTEST)) continue;
    spec *s = sample_spec(f->task);
    s->layer[0].low = 0; /* the faults above set one bound at a time */
    s->layer[0].high = 100;
    s->layer[0].bias[0] = 1 << 20;
    image file = write_image(s);
    size_t start = f->section == FILE_START ? 0 : file.payload[f->section];
    patch(file.bytes, start + (size_t)f->at, f->value, f->bytes);
    repair_crc(file.bytes, file.size);
    nnq_status status = load_copy(file.bytes, file.size);
    if (status != f->status) {
      printf("fault %zu (section %d, at %d): ", i, f->section, f->at);
    }
    CHECK_EQUAL(status, f->status);
    free(file.bytes);
    free_spec(s);
  }
}

static void calls_and_sizes(void) {
  spec *s = sample_spec(1);
  image file = write_image(s);
  nnq_model model, untouched;
  memset(&model, 0x5A, sizeof model);
  memcpy(&untouched, &model, sizeof model);
  CHECK_EQUAL(nnq_load(NULL, file.bytes, file.size), NNQ_ERROR_NULL);
  CHECK_EQUAL(nnq_load(&model, NULL, file.size), NNQ_ERROR_NULL);
  uint8_t *shifted = allocate(file.size + 4);
  for (size_t by = 1; by < 4; by++) {
    memcpy(shifted + by, file.bytes, file.size);
    CHECK_EQUAL(nnq_load(&model, shifted + by, file.size), NNQ_ERROR_ALIGNMENT);
  }
  for (size_t size = 0; size < 16; size++) CHECK_EQUAL(load_copy(file.bytes, size), NNQ_ERROR_SIZE);
  CHECK_EQUAL(nnq_load(&model, file.bytes, (size_t)NNQ_MAX_IMAGE_BYTES + 1), NNQ_ERROR_SIZE);
  file.bytes[0] ^= 1; /* the length may be the largest */
  CHECK_EQUAL(nnq_load(&model, file.bytes, NNQ_MAX_IMAGE_BYTES), NNQ_ERROR_MAGIC);
  file.bytes[0] ^= 1;
  file.bytes[12] ^= 1;
  CHECK_EQUAL(nnq_load(&model, file.bytes, file.size), NNQ_ERROR_CRC);
  CHECK_EQUAL(memcmp(&model, &untouched, sizeof model), 0);
  free(shifted);
  free(file.bytes);
  free_spec(s);

  CHECK_EQUAL(~crc_of(UINT32_MAX, (const uint8_t *)"123456789", 9), UINT32_C(0xE3069283));
}

/* Files put together from whole sections of a good one. */
static void missing_sections(void) {
  spec *s = sample_spec(5);
  image file = write_image(s);
  for (int drop = 1; drop <= 4; drop++) {
    size_t start = file.payload[drop] - 8;
    size_t end = drop == 4 ? file.payload[0] - 8 : file.payload[drop + 1] - 8;
    uint8_t *shorter = allocate(file.size);
    memcpy(shorter, file.bytes, start);
    memcpy(shorter + start, file.bytes + end, file.size - end);
    repair(shorter, file.size - (end - start));
    CHECK_EQUAL(load_copy(shorter, file.size - (end - start)),
                drop == 3 ? NNQ_OK : NNQ_ERROR_SECTION_MISSING);
    free(shorter);
  }
  uint8_t empty[16];
  memcpy(empty, file.bytes, 16);
  repair(empty, 16);
  CHECK_EQUAL(load_copy(empty, 16), NNQ_ERROR_SECTION_MISSING);

  /* Sections that end too late, too early, or in less than their head. */
  for (size_t more = 1; more <= 16; more++) {
    uint8_t *longer = allocate(file.size + more);
    memcpy(longer, file.bytes, file.size);
    memset(longer + file.size, 0, more);
    repair(longer, file.size + more);
    CHECK_EQUAL(load_copy(longer, file.size + more),
                more < 8 ? NNQ_ERROR_LENGTH : NNQ_ERROR_SECTION_ORDER);
    free(longer);
  }
  free(file.bytes);
  free_spec(s);
}

/* A section that may be skipped, of any length: zeros fill it up to a multiple of 8. */
static void skipped_sections(void) {
  for (int length = 0; length <= 17; length++) {
    spec *s = sample_spec(1);
    image file = write_image(s);
    size_t start = begin_section(&file, 0x9000);
    for (int i = 0; i < length; i++) put(&file, 0xEE, 1);
    end_section(&file, start);
    size_t end = start + (size_t)length;
    repair(file.bytes, file.size);
    CHECK_EQUAL(load_copy(file.bytes, file.size), NNQ_OK);
    for (size_t at = end; at < file.size; at++) {
      file.bytes[at] = 1;
      repair(file.bytes, file.size);
      CHECK_EQUAL(load_copy(file.bytes, file.size), NNQ_ERROR_RESERVED);
      file.bytes[at] = 0;
      repair(file.bytes, at);
      CHECK_EQUAL(load_copy(file.bytes, at), NNQ_ERROR_LENGTH);
    }
    free(file.bytes);
    free_spec(s);
  }
}

/* The shortest payloads, and a product of dimensions that 32 bits cannot hold. */
static void short_sections(void) {
  static const int types[2] = {0x0001, 0x8001};
  for (int k = 0; k < (NNQ_HAS_SELFTEST ? 2 : 1); k++) {
    for (int length = 0; length <= 8; length++) {
      spec *s = sample_spec(1);
      s->vectors = 0;
      image file = write_image(s);
      if (types[k] == 1) file.size = 16;
      put(&file, types[k], 4);
      put(&file, length, 4);
      put(&file, 0, length ? 8 : 0);
      repair(file.bytes, file.size);
      nnq_status empty = types[k] == 1 ? NNQ_ERROR_DIMENSION : NNQ_ERROR_SELFTEST;
      CHECK_EQUAL(load_copy(file.bytes, file.size), length < 8 ? NNQ_ERROR_LENGTH : empty);
      free(file.bytes);
      free_spec(s);
    }
  }
  for (int inputs = 1; inputs <= 65535; inputs += 65534) {
    image file = {0};
    put(&file, INT64_C(0x514E4E8E), 4);
    put(&file, 'F' | 1 << 8, 4);
    put(&file, 0, 8);
    put(&file, 1, 4);
    put(&file, 32, 4);
    put(&file, inputs | 1 << 16, 4);
    put(&file, 8, 4);
    put(&file, 1 | 8 << 8 | 8 << 16, 4);
    put(&file, 0, 4);
    put(&file, inputs, 2);
    put(&file, 65535, 2);
    put(&file, 0, 8);
    put(&file, 0, 4);
    repair(file.bytes, file.size);
    CHECK_EQUAL(load_copy(file.bytes, file.size), NNQ_ERROR_LENGTH);
    free(file.bytes);
  }
}

/* Heads and records that just fit a section with nothing behind them are still looked at. */
static void bare_sections(void) {
  for (int layers = 0; layers < 2; layers++) {
    image file = {0};
    put(&file, INT64_C(0x514E4E8E), 4);
    put(&file, 'F' | 1 << 8, 4);
    put(&file, 0, 8);
    put(&file, 1, 4);
    put(&file, 8 + 24 * layers, 4);
    put(&file, 1 | layers << 16, 4);
    put(&file, 8, 4);
    for (int i = 0; i < 6 * layers; i++) put(&file, 0, 4);
    repair(file.bytes, file.size);
    CHECK_EQUAL(load_copy(file.bytes, file.size),
                layers ? NNQ_ERROR_OPERATION : NNQ_ERROR_DIMENSION);
    free(file.bytes);
  }
}

/* Counts whose distance from the offset just fits, or just does not. */
static void widest_counts(void) {
  static const struct {
    int32_t low, high, offset;
    nnq_status status;
  } cases[] = {
      {INT32_MIN, -1, -1, NNQ_OK},
      {INT32_MIN, 0, 0, NNQ_ERROR_COUNTS},
      {INT32_MIN + 1, INT32_MAX, 0, NNQ_OK},
      {-1, INT32_MAX - 1, -1, NNQ_OK},
      {-1, INT32_MAX, -1, NNQ_ERROR_COUNTS},
      {INT32_MAX, INT32_MAX, 0, NNQ_OK},
      {INT32_MAX, INT32_MAX, -1, NNQ_ERROR_COUNTS},
      {INT32_MIN, INT32_MIN, 0, NNQ_ERROR_COUNTS},
      {INT32_MIN, INT32_MIN, INT32_MIN, NNQ_OK},
      {INT32_MIN, INT32_MIN, INT32_MAX, NNQ_ERROR_COUNTS},
      {1, 0, 0, NNQ_ERROR_COUNTS},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    spec *s = sample_spec(1);
    s->count[2].low = cases[i].low;
    s->count[2].high = cases[i].high;
    s->count[2].offset = cases[i].offset;
    image file = write_image(s);
    CHECK_EQUAL(load_copy(file.bytes, file.size), cases[i].status);
    free(file.bytes);
    free_spec(s);
  }
}

static void names(void) {
  CHECK_EQUAL(strcmp(nnq_status_name(NNQ_OK), "ok"), 0);
  CHECK_EQUAL(strcmp(nnq_status_name(NNQ_ERROR_SECTION_ORDER), "section-order"), 0);
  CHECK_EQUAL(strcmp(nnq_status_name((nnq_status)15), "unknown"), 0);
  int named = 0;
  for (int i = 0; i < 100; i++) {
    for (int k = 0; k < i; k++) {
      const char *a = nnq_status_name((nnq_status)i), *b = nnq_status_name((nnq_status)k);
      if (strcmp(a, "unknown") != 0) CHECK(strcmp(a, b) != 0);
    }
    named += strcmp(nnq_status_name((nnq_status)i), "unknown") != 0;
  }
  CHECK_EQUAL(named, 46);
}

void test_load(void) {
  for (int task = 1; task <= 5; task++) {
    spec *s = sample_spec(task);
    image file = write_image(s);
    CHECK_EQUAL(load_copy(file.bytes, file.size), NNQ_OK);
    free(file.bytes);
    free_spec(s);
  }
  each_fault();
  calls_and_sizes();
  short_sections();
  bare_sections();
  skipped_sections();
  if (HAS_ALL_PARTS) missing_sections();
  if (NNQ_HAS_COUNTS) widest_counts();
  if (NNQ_HAS_STATUS_NAMES) names();
}
