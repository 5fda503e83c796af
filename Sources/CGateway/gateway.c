/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "gateway.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <netdb.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

int gateway_epoll_create(void) { return epoll_create1(EPOLL_CLOEXEC); }

static int control(int epoll, int operation, int descriptor, uint32_t events, uint64_t token) {
  struct epoll_event event;
  memset(&event, 0, sizeof event);
  event.events = events;
  event.data.u64 = token;
  return epoll_ctl(epoll, operation, descriptor, &event);
}

int gateway_epoll_add(int epoll, int descriptor, uint32_t events, uint64_t token) {
  return control(epoll, EPOLL_CTL_ADD, descriptor, events, token);
}

int gateway_epoll_change(int epoll, int descriptor, uint32_t events, uint64_t token) {
  return control(epoll, EPOLL_CTL_MOD, descriptor, events, token);
}

int gateway_epoll_remove(int epoll, int descriptor) {
  return control(epoll, EPOLL_CTL_DEL, descriptor, 0, 0);
}

int gateway_epoll_wait(int epoll, gateway_event *events, int capacity, int timeout_ms) {
  struct epoll_event native[64];
  int count = epoll_wait(epoll, native, capacity < 64 ? capacity : 64, timeout_ms);
  for (int i = 0; i < count; i++) {
    events[i].token = native[i].data.u64;
    events[i].events = native[i].events;
  }
  return count;
}

int gateway_watch_folder(const char *folder) {
  int descriptor = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
  if (descriptor < 0) return -1;
  uint32_t mask = IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | IN_CREATE | IN_ATTRIB |
                  IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR;
  if (inotify_add_watch(descriptor, folder, mask) < 0) {
    int code = errno;
    close(descriptor);
    errno = code;
    return -1;
  }
  return descriptor;
}

/* Whether a new name is there with all its bytes: one more name of a file, or what is no file, such as a
 * symbolic link or a pipe. */
static int is_whole(const char *folder, const char *name) {
  char path[PATH_MAX];
  struct stat status;
  int length = snprintf(path, sizeof path, "%s/%s", folder, name);
  if (length < 0 || (size_t)length >= sizeof path || lstat(path, &status) != 0) return 0;
  return !S_ISREG(status.st_mode) || status.st_nlink > 1;
}

int gateway_take_folder_events(int watch, const char *folder) {
  int found = 0;
  char bytes[4096];
  for (;;) {
    ssize_t count = read(watch, bytes, sizeof bytes);
    if (count <= 0) return found;
    for (ssize_t at = 0; at + (ssize_t)sizeof(struct inotify_event) <= count;) {
      struct inotify_event event;
      memcpy(&event, bytes + at, sizeof event);
      const char *name = bytes + at + sizeof event;
      if (event.mask & (IN_DELETE_SELF | IN_MOVE_SELF | IN_IGNORED | IN_UNMOUNT)) {
        found |= GATEWAY_FOLDER_GONE;
      } else if (!(event.mask & IN_CREATE) || (event.len > 0 && is_whole(folder, name))) {
        found |= GATEWAY_FOLDER_CHANGED;
      }
      at += (ssize_t)(sizeof event + event.len);
    }
  }
}

int gateway_signal_descriptor(const int *signals, int count) {
  sigset_t set;
  sigemptyset(&set);
  for (int i = 0; i < count; i++) sigaddset(&set, signals[i]);
  if (sigprocmask(SIG_BLOCK, &set, NULL) != 0) return -1;
  return signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
}

int gateway_next_signal(int descriptor) {
  struct signalfd_siginfo info;
  return read(descriptor, &info, sizeof info) == (ssize_t)sizeof info ? (int)info.ssi_signo : 0;
}

int gateway_reserve(int descriptor, int64_t start, int64_t bytes) {
  return fallocate(descriptor, FALLOC_FL_KEEP_SIZE, (off_t)start, (off_t)bytes);
}

int gateway_wake_descriptor(void) { return eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC); }

int gateway_wake(int descriptor) {
  uint64_t one = 1;
  return write(descriptor, &one, sizeof one) == (ssize_t)sizeof one ? 0 : -1;
}

void gateway_drain(int descriptor) {
  char scratch[4096];
  while (read(descriptor, scratch, sizeof scratch) > 0) {
  }
}

static int unix_socket(const char *path, struct sockaddr_un *address) {
  memset(address, 0, sizeof *address);
  address->sun_family = AF_UNIX;
  if (strlen(path) >= sizeof address->sun_path) {
    errno = ENAMETOOLONG;
    return -1;
  }
  strcpy(address->sun_path, path);
  return socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
}

static int finish(int descriptor, int result) {
  if (result == 0 && gateway_set_nonblocking(descriptor) == 0) return descriptor;
  int code = errno;
  close(descriptor);
  errno = code;
  return -1;
}

int gateway_listen(const char *path, int backlog) {
  struct sockaddr_un address;
  int descriptor = unix_socket(path, &address);
  if (descriptor < 0) return -1;
  int result = bind(descriptor, (struct sockaddr *)&address, sizeof address);
  if (result == 0) result = listen(descriptor, backlog);
  return finish(descriptor, result);
}

int gateway_connect(const char *path) {
  struct sockaddr_un address;
  int descriptor = unix_socket(path, &address);
  if (descriptor < 0) return -1;
  return finish(descriptor, connect(descriptor, (struct sockaddr *)&address, sizeof address));
}

int gateway_accept(int listener) {
  return accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
}

int gateway_try_host(const char *host) {
  struct addrinfo hints, *found = NULL;
  memset(&hints, 0, sizeof hints);
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE;
  if (getaddrinfo(host, "0", &hints, &found) != 0) {
    errno = EADDRNOTAVAIL;
    return -1;
  }
  int probe = socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  int result = probe < 0 ? -1 : bind(probe, found->ai_addr, found->ai_addrlen);
  freeaddrinfo(found);
  if (probe >= 0) {
    int code = errno;
    close(probe);
    errno = code;
  }
  return result;
}

ptrdiff_t gateway_send(int descriptor, const void *bytes, size_t count) {
  return send(descriptor, bytes, count, MSG_NOSIGNAL | MSG_DONTWAIT);
}

int gateway_notify(const char *path, const char *text) {
  struct sockaddr_un address;
  size_t length = strlen(path);
  memset(&address, 0, sizeof address);
  address.sun_family = AF_UNIX;
  if (length == 0 || length >= sizeof address.sun_path) {
    errno = EINVAL;
    return -1;
  }
  memcpy(address.sun_path, path, length);
  if (path[0] == '@') address.sun_path[0] = 0;
  int descriptor = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (descriptor < 0) return -1;
  socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length);
  ptrdiff_t sent = sendto(descriptor, text, strlen(text), MSG_NOSIGNAL | MSG_DONTWAIT,
                          (struct sockaddr *)&address, size);
  close(descriptor);
  return sent < 0 ? -1 : 0;
}

int gateway_set_nonblocking(int descriptor) {
  int flags = fcntl(descriptor, F_GETFL);
  return flags < 0 ? -1 : fcntl(descriptor, F_SETFL, flags | O_NONBLOCK);
}
