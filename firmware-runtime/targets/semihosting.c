/* SPDX-License-Identifier: Apache-2.0 */

/* Output and the end of the program through the debugger, which QEMU stands in for, on Arm and on
 * RISC-V; and the stack, which both linker scripts lay out alike.
 *
 * Source: Arm, Semihosting for AArch32 and AArch64, 2.0; RISC-V International, RISC-V Semihosting. */

#include <stddef.h>

#include "machine.h"
#include "number.h"

enum { OPEN = 0x01, WRITE0 = 0x04, READ = 0x06, EXIT_EXTENDED = 0x20 };

/* The file beside the emulator that a program is fed with. */
#ifndef MACHINE_INPUT
#define MACHINE_INPUT "kit.bin"
#endif

#define APPLICATION_EXIT UINT32_C(0x20026)

extern uint32_t stack_limit[];
void machine_exit(int status);

/* On RISC-V the three instructions of a call must lie in one page. */
__attribute__((noinline, aligned(32))) static int call(int operation, const void *parameter) {
#if defined(__arm__)
  register int r0 __asm__("r0") = operation;
  register const void *r1 __asm__("r1") = parameter;
  __asm__ volatile("bkpt 0xAB" : "+r"(r0) : "r"(r1) : "memory");
  return r0;
#else
  register int a0 __asm__("a0") = operation;
  register const void *a1 __asm__("a1") = parameter;
  /* The call is these three together, none of them compressed. */
  __asm__ volatile(
      ".option push\n.option norvc\nslli x0, x0, 0x1F\nebreak\nsrai x0, x0, 7\n.option pop"
      : "+r"(a0)
      : "r"(a1)
      : "memory");
  return a0;
#endif
}

void machine_exit(int status) {
  uint32_t block[2] = {APPLICATION_EXIT, (uint32_t)status};
  call(EXIT_EXTENDED, block);
  for (;;) {
  }
}

void machine_write(const char *text) { call(WRITE0, text); }

uint32_t machine_read(void *bytes, uint32_t count) {
  static const char name[] = MACHINE_INPUT;
  static int file = -1;
  if (file < 0) {
    uintptr_t opening[3] = {(uintptr_t)name, 1, sizeof name - 1}; /* 1: "rb" */
    file = call(OPEN, opening);
  }
  if (file < 0) return 0;
  uintptr_t block[3] = {(uintptr_t)file, (uintptr_t)bytes, count};
  return count - (uint32_t)call(READ, block); /* the answer is what is left to read */
}

void machine_print(const char *key, uint32_t number) {
  char text[12];
  call(WRITE0, key);
  call(WRITE0, " ");
  call(WRITE0, number_text(text, number));
}

#if defined(__riscv)

/* Compilers call it for the copy of a structure. */
void *memcpy(void *restrict to, const void *restrict from, size_t count);

void *memcpy(void *restrict to, const void *restrict from, size_t count) {
  volatile uint8_t *target = to;
  for (const uint8_t *byte = from; count > 0; count--) *target++ = *byte++;
  return to;
}

#endif

/* ---- Stack ---- */

#define PAINT UINT32_C(0xA5A5A5A5)

void machine_stack_paint(uint32_t here) {
  volatile uint32_t *end = (uint32_t *)(uintptr_t)(here - MACHINE_STACK_MARGIN);
  for (volatile uint32_t *word = stack_limit; word < end; word++) *word = PAINT;
}

uint32_t machine_stack_used(uint32_t here) {
  const uint32_t *end = (uint32_t *)(uintptr_t)(here - MACHINE_STACK_MARGIN);
  const uint32_t *word = stack_limit;
  while (word < end && *word == PAINT) word++;
  return here - (uint32_t)(uintptr_t)word;
}
