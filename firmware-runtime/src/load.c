/* SPDX-License-Identifier: Apache-2.0 */

/* Everything about an image is decided here, in network.c and in sections.c, once: no length is
 * trusted before it was compared with what is left, and what runs later only reads what was
 * checked. */

#include "bytes.h"
#include "crc32c.h"
#include "nnq.h"
#include "rules.h"
#include "sections.h"

/* The types of sections. Those from IGNORABLE on may be skipped. */
enum { NETWORK = 1, OUTPUTS, COUNTS, SCORE, LAST_NEEDED = SCORE };

#define IGNORABLE UINT32_C(0x8000)
#define SELFTEST UINT32_C(0x8001)

/* The flags that must be understood: what layout the image has, or 0. */
enum { LAST_LAYOUT = 2 };

enum { HEADER_BYTES = 16, SECTION_HEAD_BYTES = 8, SECTION_ALIGNMENT = 8 };

static nnq_status check_header(const uint8_t *bytes, size_t size) {
  if (size < HEADER_BYTES || size > NNQ_MAX_IMAGE_BYTES) return NNQ_ERROR_SIZE;
  if (nnq_u32(bytes) != UINT32_C(0x514E4E8E)) return NNQ_ERROR_MAGIC;
  if (bytes[4] != 'F') return NNQ_ERROR_FORM;
  if (bytes[5] != NNQ_FORMAT_VERSION) return NNQ_ERROR_VERSION;
  uint32_t layout = nnq_u16(bytes + 6);
  if (layout != 0 && layout != NNQ_LAYOUT) {
    return layout > LAST_LAYOUT ? NNQ_ERROR_FLAGS : NNQ_ERROR_LAYOUT;
  }
  if (nnq_u32(bytes + 8) != size) return NNQ_ERROR_SIZE;
  uint32_t crc = nnq_crc32c(UINT32_MAX, bytes, 12);
  crc = ~nnq_crc32c(crc, bytes + HEADER_BYTES, (uint32_t)size - HEADER_BYTES);
  return crc == nnq_u32(bytes + 12) ? NNQ_OK : NNQ_ERROR_CRC;
}

/* Checks the payload of a section but the network, whose check goes deepest. Types ascend, so that each
 * finds what it needs of those before it, or never will. */
NNQ_OWN_FRAME static nnq_status check_section(nnq_model *model, uint32_t type, const uint8_t *bytes,
                                              uint32_t length) {
  if (type >= IGNORABLE && type != SELFTEST) return NNQ_OK;
  if (type == 0 || (type > LAST_NEEDED && type < IGNORABLE)) return NNQ_ERROR_SECTION_UNKNOWN;
  if (!model->network || (type != OUTPUTS && !model->outputs)) return NNQ_ERROR_SECTION_MISSING;
  if (type == OUTPUTS) return nnq_check_outputs(model, bytes, length);
  if (type == COUNTS) {
    return NNQ_HAS_COUNTS ? nnq_check_counts(model, bytes, length) : NNQ_ERROR_LEFT_OUT;
  }
  if (type == SCORE) {
    return NNQ_HAS_SCORE ? nnq_check_score(model, bytes, length) : NNQ_ERROR_LEFT_OUT;
  }
  return NNQ_HAS_SELFTEST ? nnq_check_selftest(model, bytes, length) : NNQ_OK;
}

/* Checks what follows the header. */
static nnq_status check_sections(nnq_model *model, const uint8_t *bytes, uint32_t left) {
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
    nnq_status status = type == NETWORK ? nnq_check_network(model, bytes, length)
                                        : check_section(model, type, bytes, length);
    if (status != NNQ_OK) return status;
    next_type = type + 1;
    bytes += length + padding;
    left -= length + padding;
  }
  int is_whole = model->outputs && (model->task != NNQ_TASK_ANOMALY || model->score);
  return is_whole ? NNQ_OK : NNQ_ERROR_SECTION_MISSING;
}

nnq_status nnq_load(nnq_model *model, const void *image, size_t size) {
  if (!model || !image) return NNQ_ERROR_NULL;
  if (((uintptr_t)image & (NNQ_ALIGNMENT - 1)) != 0) return NNQ_ERROR_ALIGNMENT;

  const uint8_t *bytes = image;
  nnq_status status = check_header(bytes, size);
  if (status != NNQ_OK) return status;
  nnq_model loaded;
  loaded.network = loaded.outputs = loaded.counts = loaded.score = loaded.selftest = NULL;
  status = check_sections(&loaded, bytes + HEADER_BYTES, (uint32_t)size - HEADER_BYTES);
  if (status == NNQ_OK) *model = loaded;
  return status;
}
