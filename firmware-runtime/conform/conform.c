/* SPDX-License-Identifier: Apache-2.0 */

/* Runs models on a port of the runtime and prints what each layer hands on, for `nnq conform` and
 * `nnq verify --device` to judge: it reads flat images, one after the other, up to the end. A port
 * supplies machine_read() and machine_write(), see machine.h. Lines of hexadecimal numbers:
 *
 *   nnq-load IMAGE STATUS                 IMAGE is the checksum in the image's header
 *   nnq-layer IMAGE VECTOR LAYER DIGEST   CRC-32C of the layer's codes, low byte first
 *   nnq-kernel IMAGE VECTOR NUMBER DIGEST the same of the outputs that another kernel computes */

#include "../targets/machine.h"
#include "nnq.h"

/* What the kit takes; the bytes of RAM are the sum, and those of packed weights on a host. */
enum { IMAGE_BYTES = 16384, ARENA_BYTES = 4096, CODE_BYTES = 2048, PACKED_BYTES = 1 << 18 };

typedef struct place {
  uint32_t image, vector;
} place;

static uint32_t image[IMAGE_BYTES / 4], arena[ARENA_BYTES / 4], input[CODE_BYTES / 4],
    output[CODE_BYTES / 4];

static void print(const char *word, const uint32_t *numbers, int count) {
  char text[10];
  machine_write(word);
  for (int i = 0; i < count; i++) {
    text[0] = ' ';
    for (int k = 0; k < 8; k++) text[1 + k] = "0123456789abcdef"[numbers[i] >> (28 - 4 * k) & 15];
    text[9] = 0;
    machine_write(text);
  }
  machine_write("\n");
}

/* CRC-32C, bit by bit: nothing of the runtime under test takes part in the digest. */
static uint32_t digest(const void *codes, uint32_t count, uint32_t bits) {
  uint32_t crc = UINT32_MAX;
  for (uint32_t i = 0; i < count; i++) {
    uint32_t code = (uint32_t)(bits == 8 ? ((const int8_t *)codes)[i] : ((const int16_t *)codes)[i]);
    for (uint32_t bit = 0; bit < bits; bit++) {
      uint32_t low = (crc ^ code >> bit) & 1;
      crc = crc >> 1 ^ (low ? UINT32_C(0x82F63B78) : 0);
    }
  }
  return ~crc;
}

static void print_layer(void *context, uint32_t layer, const void *codes, uint32_t count,
                        uint32_t bits) {
  const place *at = context;
  uint32_t numbers[4] = {at->image, at->vector, layer, digest(codes, count, bits)};
  print("nnq-layer", numbers, 4);
}

#if defined(NNQ_NO_SIMD) || !(defined(__x86_64__) || defined(__aarch64__))
static void print_kernels(const nnq_model *model, place at) { (void)model, (void)at; }
#else
/* A host has kernels of its own, whose outputs alone can be seen, and memory for them. */
static void print_kernels(const nnq_model *model, place at) {
  static uint8_t packed[PACKED_BYTES] __attribute__((aligned(NNQ_PACK_ALIGNMENT)));
  static uint8_t rows[PACKED_BYTES] __attribute__((aligned(NNQ_PACK_ALIGNMENT)));
  for (uint32_t kernel = 1; kernel < nnq_kernels(); kernel++) {
    if (!nnq_kernel_is_available(kernel)) continue;
    nnq_status status = nnq_pack(model, kernel, packed, sizeof packed);
    if (status == NNQ_OK) status = nnq_run_batch(model, packed, 1, input, output, rows, sizeof rows);
    uint32_t crc = digest(output, nnq_outputs(model), nnq_output_bits(model));
    uint32_t numbers[4] = {at.image, at.vector, kernel, status == NNQ_OK ? crc : 0};
    print("nnq-kernel", numbers, 4);
  }
}
#endif

/* The header's number at a place, low byte first on every machine. */
static uint32_t header(int at) {
  const uint8_t *b = (const uint8_t *)image + at;
  return b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 | (uint32_t)b[3] << 24;
}

int main(void) {
  while (machine_read(image, 16) == 16) {
    uint32_t bytes = header(8), loaded[2] = {header(12), NNQ_ERROR_MEMORY};
    nnq_model model;
    if (bytes >= 16 && bytes <= IMAGE_BYTES) {
      if (machine_read(image + 4, bytes - 16) != bytes - 16) break;
      loaded[1] = (uint32_t)nnq_load(&model, image, bytes);
    }
    print("nnq-load", loaded, 2);
    if (loaded[1] == NNQ_ERROR_MEMORY) break;
    if (loaded[1] != NNQ_OK || nnq_arena_bytes(&model) > ARENA_BYTES) continue;
    if (2 * (nnq_inputs(&model) | nnq_outputs(&model)) > CODE_BYTES) continue;
    place at = {header(12), 0};
    for (; nnq_selftest_input(&model, at.vector, input) == NNQ_OK; at.vector++) {
      nnq_run_layers(&model, input, output, arena, sizeof arena, print_layer, &at);
      print_kernels(&model, at);
    }
  }
  return 0;
}
