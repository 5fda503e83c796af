/* SPDX-License-Identifier: Apache-2.0 */

/* What the driver needs of a machine. Each is there once: semihosting.c, avr.c, wasm32.c, host.c. */

#ifndef NNQ_MACHINE_H
#define NNQ_MACHINE_H

#include <stdint.h>

/* Prints a line: a key and a number. */
void machine_print(const char *key, uint32_t number);

/* Prints text as it is. */
void machine_write(const char *text);

/* Reads up to count bytes of what the program is fed with; fewer only at its end. */
uint32_t machine_read(void *bytes, uint32_t count);

/* Where the stack of the calling function ends; 0 where that cannot be told. */
static inline uint32_t machine_stack(void) {
#if defined(__arm__)
  uint32_t pointer;
  __asm__ volatile("mov %0, sp" : "=r"(pointer));
  return pointer;
#elif defined(__riscv)
  uint32_t pointer;
  __asm__ volatile("mv %0, sp" : "=r"(pointer));
  return pointer;
#elif defined(__AVR__)
  return *(volatile uint16_t *)0x5D;
#else
  return 0;
#endif
}

/* Marks what is free below a stack that ends here, and tells how many bytes of it were used since: a
 * stretch of less than MACHINE_STACK_MARGIN counts as that much. */
enum { MACHINE_STACK_MARGIN = 64 };
void machine_stack_paint(uint32_t here);
uint32_t machine_stack_used(uint32_t here);

#endif
