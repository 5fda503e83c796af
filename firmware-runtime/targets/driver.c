/* SPDX-License-Identifier: Apache-2.0 */

/* The one program of all targets. It reads nothing: it runs the model that is linked in on input
 * codes that follow from a seed, and prints a digest of all output codes, which is the same on every
 * machine that computes the same.
 *
 * MODEL_HEADER, MODEL_IMAGE, ... come from the command line: the header that `nnq export --to c`
 * wrote and the names in it. */

#include <stddef.h>

#include "machine.h"
#include "nnq.h"

#include MODEL_HEADER

#ifndef VECTORS
#define VECTORS 1000
#endif

/* One buffer, in which the three may overlap. An AVR aligns no number by itself. */
static uint32_t ram[MODEL_RAM_WORDS] __attribute__((aligned(NNQ_ALIGNMENT)));
static void *const arena = (uint8_t *)ram + MODEL_ARENA_AT;
static MODEL_INPUT *const input = (MODEL_INPUT *)(void *)((uint8_t *)ram + MODEL_INPUT_AT);
static MODEL_OUTPUT *const output = (MODEL_OUTPUT *)(void *)((uint8_t *)ram + MODEL_OUTPUT_AT);
static nnq_model model;

/* Bits from a state that is never 0: xorshift by G. Marsaglia, with the shifts 13, 17 and 5. */
static uint32_t next(uint32_t *state) {
  *state ^= *state << 13;
  *state ^= *state >> 17;
  *state ^= *state << 5;
  return *state;
}

/* The first two vectors drive the sums to their ends; the rest are random. */
static void fill_input(uint32_t vector, uint32_t *state) {
  for (uint32_t i = 0; i < MODEL_INPUTS; i++) {
    uint32_t bits = next(state) >> 16;
    if (vector < 2) bits = ((i + vector) & 1) != 0 ? 0x7F7F : 0x8080;
    input[i] = (MODEL_INPUT)bits;
  }
}

/* FNV-1a with 64 bits, over the low byte of each code and then, where it has one, its high byte. */
static uint64_t digest_output(uint64_t digest) {
  for (uint32_t o = 0; o < MODEL_OUTPUTS; o++) {
    uint32_t code = (uint32_t)output[o];
    for (unsigned byte = 0; byte < sizeof *output; byte++) {
      digest = (digest ^ (code & 0xFF)) * UINT64_C(0x100000001B3);
      code >>= 8;
    }
  }
  return digest;
}

static int fail(nnq_status status) {
  machine_print("status", (uint32_t)status);
  return 1;
}

/* The counter takes what runs between these two, which no compiler may take for the same. */
void count_begin(void);
void count_end(void);
__attribute__((noinline)) void count_begin(void) { __asm__ volatile("/* begin */"); }
__attribute__((noinline)) void count_end(void) { __asm__ volatile("/* end */"); }

/* A function of its own, so that no other code of the driver lies in the stretch. */
__attribute__((noinline)) static nnq_status run_counted(void) {
  count_begin();
  nnq_status status = nnq_run(&model, input, output, arena, MODEL_ARENA_BYTES);
  count_end();
  return status;
}

int main(void) {
  uint32_t stack = machine_stack();
  machine_stack_paint(stack);
  nnq_status status = nnq_load(&model, MODEL_IMAGE, sizeof MODEL_IMAGE);
  machine_print("load_stack", machine_stack_used(stack));
  if (status != NNQ_OK) return fail(status);

  uint32_t state = 1;
  uint64_t digest = UINT64_C(0xCBF29CE484222325);
  uint32_t most_stack = 0;
  for (uint32_t vector = 0; vector < VECTORS; vector++) {
    fill_input(vector, &state);
    if (vector < 3) machine_stack_paint(stack);
    status = run_counted();
    if (vector < 3) {
      uint32_t used = machine_stack_used(stack);
      if (used > most_stack) most_stack = used;
    }
    if (status != NNQ_OK) return fail(status);
    digest = digest_output(digest);
  }
  machine_print("vectors", VECTORS);
  machine_print("run_stack", most_stack);
  machine_print("digest_high", (uint32_t)(digest >> 32));
  machine_print("digest_low", (uint32_t)digest);
  return 0;
}
