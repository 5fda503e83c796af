/* SPDX-License-Identifier: Apache-2.0 */

/* Everything about an image is decided here, in network.c and in sections.c, once: no length is
 * trusted before it was compared with what is left, and what runs later only reads what was
 * checked. */

#include "bytes.h"
#include "crc32c.h"
#include "nnq.h"
#include "rules.h"
#include "sections.h"

enum { HEADER_BYTES = 16, SECTION_HEAD_BYTES = 8, SECTION_ALIGNMENT = 8 };

/* The sections that this runtime knows, in the order of their types. */
enum { NETWORK, OUTPUTS, COUNTS, SCORE, SELFTEST, KNOWN };

static nnq_status check_header(const uint8_t *bytes, size_t size) {
  if (size < HEADER_BYTES || size > NNQ_MAX_IMAGE_BYTES) return NNQ_ERROR_SIZE;
  if (nnq_u32(bytes) != UINT32_C(0x514E4E8E)) return NNQ_ERROR_MAGIC;
  if (bytes[4] != 'F') return NNQ_ERROR_FORM;
  if (bytes[5] != NNQ_FORMAT_VERSION) return NNQ_ERROR_VERSION;
  if (nnq_u16(bytes + 6) != 0) return NNQ_ERROR_FLAGS;
  if (nnq_u32(bytes + 8) != size) return NNQ_ERROR_SIZE;
  uint32_t crc = nnq_crc32c(UINT32_MAX, bytes, 12);
  crc = ~nnq_crc32c(crc, bytes + HEADER_BYTES, (uint32_t)size - HEADER_BYTES);
  return crc == nnq_u32(bytes + 12) ? NNQ_OK : NNQ_ERROR_CRC;
}

/* Where a section of this type is kept; KNOWN for a type that this runtime does not know. */
static uint32_t section_index(uint32_t type) {
  if (type >= 0x0001 && type <= 0x0004) return NETWORK + (type - 0x0001);
  return type == 0x8001 ? SELFTEST : KNOWN;
}

/* Finds the payloads in the bytes after the header. */
static nnq_status find_sections(const uint8_t *bytes, uint32_t left, nnq_section *found) {
  uint32_t next_type = 0;
  while (left > 0) {
    if (left < SECTION_HEAD_BYTES) return NNQ_ERROR_LENGTH;
    uint32_t type = nnq_u16(bytes);
    uint32_t length = nnq_u32(bytes + 4);
    if (nnq_u16(bytes + 2) != 0) return NNQ_ERROR_RESERVED;
    if (type < next_type) return NNQ_ERROR_SECTION_ORDER;
    bytes += SECTION_HEAD_BYTES;
    left -= SECTION_HEAD_BYTES;
    if (length > left) return NNQ_ERROR_LENGTH;
    uint32_t padding = (0 - length) & (SECTION_ALIGNMENT - 1);
    if (padding > left - length) return NNQ_ERROR_LENGTH;
    if (!nnq_is_zero(bytes + length, padding)) return NNQ_ERROR_RESERVED;

    uint32_t index = section_index(type);
    if (index != KNOWN) {
      found[index].bytes = bytes;
      found[index].length = length;
    } else if (type < 0x8000) {
      return NNQ_ERROR_SECTION_UNKNOWN;
    }
    next_type = type + 1;
    bytes += length + padding;
    left -= length + padding;
  }
  return NNQ_OK;
}

nnq_status nnq_load(nnq_model *model, const void *image, size_t size) {
  if (!model || !image) return NNQ_ERROR_NULL;
  if (((uintptr_t)image & (NNQ_ALIGNMENT - 1)) != 0) return NNQ_ERROR_ALIGNMENT;

  const uint8_t *bytes = image;
  nnq_section found[KNOWN] = {{NULL, 0}};
  nnq_model loaded;
  nnq_status status = check_header(bytes, size);
  if (status == NNQ_OK) {
    status = find_sections(bytes + HEADER_BYTES, (uint32_t)size - HEADER_BYTES, found);
  }
  if (status == NNQ_OK) status = nnq_check_network(&loaded, found[NETWORK]);
  if (status == NNQ_OK) status = nnq_check_outputs(&loaded, found[OUTPUTS]);
  if (status == NNQ_OK) status = nnq_check_counts(&loaded, found[COUNTS]);
  if (status == NNQ_OK) status = nnq_check_score(&loaded, found[SCORE]);
  if (status == NNQ_OK) status = nnq_check_selftest(&loaded, found[SELFTEST]);
  if (status == NNQ_OK) *model = loaded;
  return status;
}
