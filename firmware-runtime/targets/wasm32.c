/* SPDX-License-Identifier: Apache-2.0 */

/* Output and the end of a WebAssembly module through WASI, preview 1. */

#include <stddef.h>

#include "machine.h"
#include "number.h"

typedef struct piece {
  const char *bytes;
  size_t count;
} piece;

#define WASI(name) __attribute__((import_module("wasi_snapshot_preview1"), import_name(#name)))

WASI(fd_write) int fd_write(int file, const piece *pieces, size_t count, size_t *written);
WASI(proc_exit) _Noreturn void proc_exit(int status);
__attribute__((export_name("_start"))) void start(void);
int main(void);

enum { STANDARD_OUTPUT = 1 };

/* clang calls it by this name when it takes no arguments. */
int driver_main(void) __asm__("__original_main");

void start(void) { proc_exit(driver_main()); }

static size_t length(const char *text) {
  size_t count = 0;
  while (text[count]) count++;
  return count;
}

void machine_print(const char *key, uint32_t number) {
  char text[12];
  const char *digits = number_text(text, number);
  piece pieces[3] = {{key, length(key)}, {" ", 1}, {digits, length(digits)}};
  size_t written;
  fd_write(STANDARD_OUTPUT, pieces, 3, &written);
}

/* Most of a module's stack does not lie in its memory. */
void machine_stack_paint(uint32_t here) { (void)here; }

uint32_t machine_stack_used(uint32_t here) { return here; }
