/* SPDX-License-Identifier: Apache-2.0 */

/* Reading of little-endian numbers and of buffers of codes, on a machine of any byte order. */

#ifndef NNQ_BYTES_H
#define NNQ_BYTES_H

#include <stdint.h>

#include "parts.h"

/* A function whose frame shall not lie under those of the others that its caller calls. */
#if defined(__GNUC__)
#define NNQ_OWN_FRAME __attribute__((noinline))
#else
#define NNQ_OWN_FRAME
#endif

/* C99 leaves the conversion of a large unsigned number to a signed type to the compiler: it must
 * keep the bits. */
typedef char nnq_conversion_keeps_the_bits[(int32_t)UINT32_MAX == -1 ? 1 : -1];

/* Every number in an image lies at a multiple of its own size, at most 4, and so does the image:
 * where the byte order is right, it is read at once. */
#if defined(__GNUC__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__

typedef uint16_t __attribute__((may_alias)) nnq_half;
typedef uint32_t __attribute__((may_alias)) nnq_word;

static inline uint32_t nnq_u16(const uint8_t *bytes) {
  return *(const nnq_half *)(const void *)bytes;
}

static inline uint32_t nnq_u32(const uint8_t *bytes) {
  return *(const nnq_word *)(const void *)bytes;
}

#else

static inline uint32_t nnq_u16(const uint8_t *bytes) {
  return bytes[0] | (uint32_t)bytes[1] << 8;
}

static inline uint32_t nnq_u32(const uint8_t *bytes) {
  return nnq_u16(bytes) | nnq_u16(bytes + 2) << 16;
}

#endif

static inline int32_t nnq_i16(const uint8_t *bytes) {
  return (int16_t)(uint16_t)nnq_u16(bytes);
}

static inline int32_t nnq_i32(const uint8_t *bytes) {
  return (int32_t)nnq_u32(bytes);
}

static inline int64_t nnq_i64(const uint8_t *bytes) {
  return (int64_t)(nnq_u32(bytes) | (uint64_t)nnq_u32(bytes + 4) << 32);
}

/* The 4-bit weight at index: two's complement, two a byte, the first in the low half. */
static inline int32_t nnq_weight4(const uint8_t *weights, uint32_t index) {
  int32_t nibble = weights[index / 2] >> (index & 1 ? 4 : 0) & 15;
  return nibble < 8 ? nibble : nibble - 16;
}

/* True for codes of 8 bits, which may be all that a build knows. */
static inline int nnq_is_narrow(uint32_t bits) { return !NNQ_HAS_INT16 || bits == 8; }

/* The bytes of so many codes. */
static inline uint32_t nnq_code_bytes(uint32_t count, uint32_t bits) {
  return nnq_is_narrow(bits) ? count : 2 * count;
}

/* The code at index in a buffer of codes of 8 or 16 bits. */
static inline int32_t nnq_code(const void *codes, uint32_t bits, uint32_t index) {
  return nnq_is_narrow(bits) ? ((const int8_t *)codes)[index] : ((const int16_t *)codes)[index];
}

/* Stores a code, which fits the bits. */
static inline void nnq_set_code(void *codes, uint32_t bits, uint32_t index, int32_t code) {
  if (nnq_is_narrow(bits)) {
    ((int8_t *)codes)[index] = (int8_t)code;
  } else {
    ((int16_t *)codes)[index] = (int16_t)code;
  }
}

/* True when a buffer of codes does not start where such codes may. */
static inline int nnq_is_misaligned(const void *codes, uint32_t bits) {
  return !nnq_is_narrow(bits) && ((uintptr_t)codes & 1) != 0;
}

/* The lowest and highest code of 8 or 16 bits. */
static inline int32_t nnq_lowest_code(uint32_t bits) {
  return nnq_is_narrow(bits) ? INT8_MIN : INT16_MIN;
}
static inline int32_t nnq_highest_code(uint32_t bits) {
  return nnq_is_narrow(bits) ? INT8_MAX : INT16_MAX;
}

static inline int32_t nnq_clamp(int64_t x, int32_t low, int32_t high) {
  return x < low ? low : x > high ? high : (int32_t)x;
}

/* The next multiple of 4. */
static inline uint32_t nnq_pad4(uint32_t bytes) { return (bytes + 3) & ~UINT32_C(3); }

#endif
