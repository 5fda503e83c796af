/* SPDX-License-Identifier: Apache-2.0 */

/* gateway.h: the calls of Linux that Swift's Glibc module lacks. Each returns what the system call
 * returns: -1 with errno set where it fails. */

#ifndef NNQ_GATEWAY_H
#define NNQ_GATEWAY_H

#include <stddef.h>
#include <stdint.h>

/* What may happen on a descriptor; the bits of epoll. */
#define GATEWAY_READABLE 0x001u
#define GATEWAY_WRITABLE 0x004u
#define GATEWAY_BROKEN 0x018u /* an error, or both ends closed */

typedef struct gateway_event {
  uint64_t token;
  uint32_t events;
} gateway_event;

int gateway_epoll_create(void);
int gateway_epoll_add(int epoll, int descriptor, uint32_t events, uint64_t token);
int gateway_epoll_change(int epoll, int descriptor, uint32_t events, uint64_t token);
int gateway_epoll_remove(int epoll, int descriptor);

/* Waits for at most timeout_ms (-1: for ever) and fills at most 64 events. */
int gateway_epoll_wait(int epoll, gateway_event *events, int capacity, int timeout_ms);

/* A descriptor that becomes readable when a file of the folder was written, linked, renamed, removed
 * or given other rights, or when the folder itself has gone. */
int gateway_watch_folder(const char *folder);

#define GATEWAY_FOLDER_CHANGED 1
#define GATEWAY_FOLDER_GONE 2

/* Takes all that the watch has seen, as a sum of the two above. A new file that is being written is no
 * change before it is closed. */
int gateway_take_folder_events(int watch, const char *folder);

/* Blocks the signals and makes a descriptor that becomes readable when one comes. */
int gateway_signal_descriptor(const int *signals, int count);

/* The number of the next signal, 0 when none waits. */
int gateway_next_signal(int descriptor);

/* Reserves room on the disk behind a file's start without changing its size. */
int gateway_reserve(int descriptor, int64_t start, int64_t bytes);

/* A descriptor by which another thread wakes the loop. */
int gateway_wake_descriptor(void);
int gateway_wake(int descriptor);

/* Reads a descriptor that does not block until it is empty. */
void gateway_drain(int descriptor);

/* A listening, a connected and an accepted stream socket; none of them blocks. */
int gateway_listen(const char *path, int backlog);
int gateway_connect(const char *path);
int gateway_accept(int listener);

/* Whether a stream socket can be bound to the first address of a host, at a port that the system
 * chooses; it is closed again. EADDRNOTAVAIL for a host that is not known. */
int gateway_try_host(const char *host);

/* Sends without a signal where the reader has gone. */
ptrdiff_t gateway_send(int descriptor, const void *bytes, size_t count);

/* Sends a datagram to the service manager's socket; a leading @ is an abstract name. */
int gateway_notify(const char *path, const char *text);

int gateway_set_nonblocking(int descriptor);

#endif
