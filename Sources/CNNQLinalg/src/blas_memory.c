// SPDX-License-Identifier: Apache-2.0
#define _DEFAULT_SOURCE
#include "nnq_linalg.h"
#include <sys/mman.h>
#include <unistd.h>

/* OpenBLAS maps a buffer of 128 MiB (its BUFFER_SIZE) for each thread that it starts and for each that
 * multiplies, keeps it, and in versions below 0.3.30 tries for ever where the system gives none. So room is
 * looked for ahead of each, and the buffers are taken before anything else takes the room. */
enum { BUFFER_MIB = 129, OWN_MIB = 8 };

/* Exported by builds with threads; others take their buffers from the stack. */
extern void *blas_memory_alloc(int position) __attribute__((weak));
extern void blas_memory_free(void *buffer) __attribute__((weak));

static int is_free(size_t mebibytes) {
  void *room = mmap(NULL, mebibytes << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (room == MAP_FAILED) return 0;
  (void)munmap(room, mebibytes << 20);
  return 1;
}

/* How many threads OpenBLAS starts: its own function of this name reads OPENBLAS_NUM_THREADS. It asks when it
 * is loaded, ahead of any buffer, and the program's answer comes before the library's. */
__attribute__((weak, visibility("default"))) int openblas_num_threads_env(void);

int openblas_num_threads_env(void) {
  static const char text[] =
      "nnq: error: out of memory: OpenBLAS needs 129 MiB of address space to start\n"
      "hint: raise the limit, which ulimit -v shows in KiB\n";
  if (!is_free(BUFFER_MIB + OWN_MIB)) {
    ssize_t sent = write(STDERR_FILENO, text, sizeof text - 1);
    (void)sent;
    _exit(70);
  }
  return 1;
}

size_t nnq_blas_workers(size_t wanted) {
  void *buffers[64];
  size_t count = wanted < 64 ? wanted : 64;
  if (!blas_memory_alloc || !blas_memory_free) return count;
  /* The first was looked for when OpenBLAS was loaded. */
  while (count > 1 && !is_free((count - 1) * (BUFFER_MIB + OWN_MIB))) count--;
  for (size_t i = 0; i < count; i++) buffers[i] = blas_memory_alloc(0);
  for (size_t i = 0; i < count; i++) blas_memory_free(buffers[i]);
  return count;
}
