/* SPDX-License-Identifier: Apache-2.0 */

/* Preloaded into nnqd by gateway-faults: lets the k-th system call of a process fail.
 *
 * FAULTS names a file of three 64-bit numbers, which both sides map: the mode, k, and the calls so far.
 * Mode 1: call k fails. 2: call k fails, and a write does half of its work. 3: from call k on nothing
 * more can be written, as on a full disk. 0: all calls are passed on. */

#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct {
  int64_t mode, at, calls;
} control;

static control passing;
static control *state = &passing;

#define NEXT(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

__attribute__((constructor)) static void begin(void) {
  const char *path = getenv("FAULTS");
  int file = path ? NEXT(open)(path, O_RDWR | O_CLOEXEC) : -1;
  if (file < 0) return;
  void *memory = mmap(NULL, sizeof(control), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  NEXT(close)(file);
  if (memory != MAP_FAILED) state = memory;
}

/* Whether this call fails; errno is set then. */
static int fails(int code, int writes) {
  int64_t call = __atomic_add_fetch(&state->calls, 1, __ATOMIC_SEQ_CST);
  int hit = 0;
  if (state->mode == 1 || state->mode == 2) hit = call == state->at;
  if (state->mode == 3) hit = writes && call >= state->at;
  if (hit) errno = state->mode == 3 ? ENOSPC : code;
  return hit;
}

static int is_file(int descriptor) {
  struct stat status;
  return NEXT(fstat)(descriptor, &status) == 0 && S_ISREG(status.st_mode);
}

#define FAULTY(type, name, parameters, arguments, code, writes) \
  type name parameters { return fails(code, writes) ? (type)-1 : NEXT(name) arguments; }

FAULTY(ssize_t, read, (int d, void *b, size_t n), (d, b, n), EIO, 0)
FAULTY(int, fsync, (int d), (d), EIO, 1)
FAULTY(int, fdatasync, (int d), (d), EIO, 1)
FAULTY(int, ftruncate, (int d, off_t n), (d, n), EIO, 0)
FAULTY(int, rename, (const char *a, const char *b), (a, b), EIO, 0)
FAULTY(int, unlink, (const char *p), (p), EIO, 0)
FAULTY(int, mkdir, (const char *p, mode_t m), (p, m), ENOSPC, 1)
FAULTY(int, access, (const char *p, int m), (p, m), EIO, 0)
FAULTY(int, stat, (const char *p, struct stat *s), (p, s), EIO, 0)
FAULTY(int, fstat, (int d, struct stat *s), (d, s), EIO, 0)
FAULTY(int, fchmod, (int d, mode_t m), (d, m), EIO, 0)
FAULTY(ssize_t, send, (int d, const void *b, size_t n, int f), (d, b, n, f), EPIPE, 0)
FAULTY(int, accept4, (int d, struct sockaddr *a, socklen_t *n, int f), (d, a, n, f), EMFILE, 0)
FAULTY(int, epoll_ctl, (int e, int o, int d, struct epoll_event *v), (e, o, d, v), ENOSPC, 0)
FAULTY(int, epoll_wait, (int e, struct epoll_event *v, int n, int t), (e, v, n, t), EINTR, 0)

char *realpath(const char *path, char *resolved) {
  return fails(EIO, 0) ? NULL : NEXT(realpath)(path, resolved);
}

DIR *opendir(const char *path) { return fails(EMFILE, 0) ? NULL : NEXT(opendir)(path); }

struct dirent *readdir(DIR *folder) { return fails(EIO, 0) ? NULL : NEXT(readdir)(folder); }

/* The descriptor is gone even when close says that something is wrong. */
int close(int descriptor) {
  int code = NEXT(close)(descriptor);
  return fails(EIO, 0) ? -1 : code;
}

static int open_file(const char *name, const char *path, int flags, mode_t mode) {
  int (*next)(const char *, int, ...) = (int (*)(const char *, int, ...))dlsym(RTLD_NEXT, name);
  return fails(flags & O_CREAT ? ENOSPC : EMFILE, flags & O_CREAT) ? -1 : next(path, flags, mode);
}

static mode_t mode_of(int flags, va_list rest) {
  return flags & O_CREAT ? (mode_t)va_arg(rest, unsigned) : 0;
}

int open(const char *path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  mode_t mode = mode_of(flags, rest);
  va_end(rest);
  return open_file("open", path, flags, mode);
}

int open64(const char *path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  mode_t mode = mode_of(flags, rest);
  va_end(rest);
  return open_file("open64", path, flags, mode);
}

ssize_t write(int descriptor, const void *bytes, size_t count) {
  /* A wake-up through an eventfd cannot fail. */
  if (!is_file(descriptor)) return NEXT(write)(descriptor, bytes, count);
  if (!fails(ENOSPC, 1)) return NEXT(write)(descriptor, bytes, count);
  if (state->mode == 2 && count > 1) return NEXT(write)(descriptor, bytes, count / 2);
  errno = ENOSPC;
  return -1;
}

ssize_t pwrite(int descriptor, const void *bytes, size_t count, off_t at) {
  if (!fails(ENOSPC, 1)) return NEXT(pwrite)(descriptor, bytes, count, at);
  if (state->mode == 2 && count > 1) return NEXT(pwrite)(descriptor, bytes, count / 2, at);
  errno = ENOSPC;
  return -1;
}
