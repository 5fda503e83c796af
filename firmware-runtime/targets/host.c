/* SPDX-License-Identifier: Apache-2.0 */

/* The driver on the machine that builds it, whose digest the others are compared with. */

#include <stdio.h>

#include "machine.h"

void machine_write(const char *text) { fputs(text, stdout); }

uint32_t machine_read(void *bytes, uint32_t count) {
  return (uint32_t)fread(bytes, 1, count, stdin);
}

void machine_print(const char *key, uint32_t number) { printf("%s %lu\n", key, (unsigned long)number); }

void machine_stack_paint(uint32_t here) { (void)here; }

uint32_t machine_stack_used(uint32_t here) { return here; }
