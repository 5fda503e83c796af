/* SPDX-License-Identifier: Apache-2.0 */

/* What Embedded Swift asks of a machine without an operating system, and the model.
 *
 * MODEL_HEADER, MODEL_IMAGE and VECTORS come from the command line, as for driver.c. */

#include "model.h"

#include "nnq_vector.h"

#include MODEL_HEADER

const uint8_t *model_image(void) { return MODEL_IMAGE; }
size_t model_image_bytes(void) { return sizeof MODEL_IMAGE; }
uint32_t model_vectors(void) { return VECTORS; }

int run_driver(void);
int main(void);
int main(void) { return run_driver(); }

__attribute__((noinline)) void count_begin(void) { __asm__ volatile("/* begin */"); }
__attribute__((noinline)) void count_end(void) { __asm__ volatile("/* end */"); }

/* No instructions for a CRC, so that the format computes it by itself. */

int nnq_crc32c_is_available(void) { return 0; }

uint32_t nnq_crc32c_update(uint32_t state, const uint8_t *bytes, size_t count) {
  (void)bytes, (void)count;
  return state;
}

/* ---- Memory: powers of two, each kept for the next of its size ---- */

enum { LEAST_POWER = 5, POWERS = 22, HEAD_BYTES = 16, HEAP_BYTES = 3 << 20 };

typedef struct block {
  uint32_t power;
  struct block *next; /* where it is free */
} block;

static uint8_t heap[HEAP_BYTES] __attribute__((aligned(16)));
static size_t taken;
static block *kept[POWERS];

int posix_memalign(void **found, size_t alignment, size_t bytes);
void free(void *bytes);
int memcmp(const void *a, const void *b, size_t count);
void *memcpy(void *restrict to, const void *restrict from, size_t count);
void *memmove(void *to, const void *from, size_t count);
void *memset(void *to, int byte, size_t count);

int posix_memalign(void **found, size_t alignment, size_t bytes) {
  uint32_t power = LEAST_POWER;
  while (power < POWERS && (size_t)1 << power < bytes + HEAD_BYTES) power++;
  if (power == POWERS || alignment > HEAD_BYTES) return 1;
  block *made = kept[power];
  if (made) {
    kept[power] = made->next;
  } else {
    if ((size_t)1 << power > HEAP_BYTES - taken) return 1;
    made = (block *)(void *)(heap + taken);
    taken += (size_t)1 << power;
  }
  made->power = power;
  *found = (uint8_t *)made + HEAD_BYTES;
  return 0;
}

void free(void *bytes) {
  if (!bytes) return;
  block *given = (block *)(void *)((uint8_t *)bytes - HEAD_BYTES);
  given->next = kept[given->power];
  kept[given->power] = given;
}

int memcmp(const void *a, const void *b, size_t count) {
  const uint8_t *x = a, *y = b;
  for (size_t i = 0; i < count; i++) {
    if (x[i] != y[i]) return x[i] < y[i] ? -1 : 1;
  }
  return 0;
}

/* Bytes through volatile, so that no compiler makes a call of itself of the loop. */

void *memcpy(void *restrict to, const void *restrict from, size_t count) {
  volatile uint8_t *target = to;
  for (const uint8_t *byte = from; count > 0; count--) *target++ = *byte++;
  return to;
}

void *memmove(void *to, const void *from, size_t count) {
  if ((uintptr_t)to - (uintptr_t)from >= count) return memcpy(to, from, count);
  volatile uint8_t *target = to;
  for (const uint8_t *source = from; count > 0; count--) target[count - 1] = source[count - 1];
  return to;
}

void *memset(void *to, int byte, size_t count) {
  for (volatile uint8_t *target = to; count > 0; count--) *target++ = (uint8_t)byte;
  return to;
}

#if defined(__wasm__)

/* Products of 128 bits, with which overflow of those of 64 is found; a compiler's library has it. */

__extension__ typedef __int128 wide;
wide __multi3(wide a, wide b);

wide __multi3(wide a, wide b) {
  uint64_t x = (uint64_t)a, y = (uint64_t)b;
  uint64_t low = (x & UINT32_MAX) * (y & UINT32_MAX);
  uint64_t middle = (x >> 32) * (y & UINT32_MAX) + (low >> 32);
  uint64_t carried = (x & UINT32_MAX) * (y >> 32) + (middle & UINT32_MAX);
  uint64_t high = (x >> 32) * (y >> 32) + (middle >> 32) + (carried >> 32);
  high += (uint64_t)(a >> 64) * y + x * (uint64_t)(b >> 64);
  return (wide)high << 64 | (wide)(carried << 32 | (low & UINT32_MAX));
}

#elif defined(__arm__)

/* The names that the procedure call standard of Arm has for these. */

#define CLEAR(name) \
  void name(void *to, size_t count); \
  void name(void *to, size_t count) { memset(to, 0, count); }
#define SET(name) \
  void name(void *to, size_t count, int byte); \
  void name(void *to, size_t count, int byte) { memset(to, byte, count); }
#define COPY(name, function) \
  void name(void *to, const void *from, size_t count); \
  void name(void *to, const void *from, size_t count) { function(to, from, count); }

CLEAR(__aeabi_memclr) CLEAR(__aeabi_memclr4) CLEAR(__aeabi_memclr8)
SET(__aeabi_memset) SET(__aeabi_memset4) SET(__aeabi_memset8)
COPY(__aeabi_memcpy, memcpy) COPY(__aeabi_memcpy4, memcpy) COPY(__aeabi_memcpy8, memcpy)
COPY(__aeabi_memmove, memmove) COPY(__aeabi_memmove4, memmove) COPY(__aeabi_memmove8, memmove)

#endif
