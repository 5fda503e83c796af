/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NNQ_MICROHTTP_SHIM_H
#define NNQ_MICROHTTP_SHIM_H
#include <errno.h>
#include <microhttpd.h>
#include <netdb.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* Why a connection has ended: nothing to tell, nothing asked, or a request or its answer took too long. */
enum nnq_http_end { NNQ_HTTP_DONE, NNQ_HTTP_SILENT, NNQ_HTTP_LATE };
typedef void nnq_http_ended(void *context, enum nnq_http_end end);

struct nnq_http_watch;

typedef struct nnq_http_caller {
  struct nnq_http_watch *watch;
  struct nnq_http_caller *next;
  int socket;
  char has_asked, is_late;
  /* When it came, or its last answer was taken. */
  time_t since;
} nnq_http_caller;

typedef struct nnq_http_watch {
  pthread_mutex_t lock;
  nnq_http_ended *ended;
  void *context;
  unsigned limit, callers;
  nnq_http_caller *oldest;
} nnq_http_watch;

static inline time_t nnq_http_now(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec;
}

/* Cuts off who has taken longer than so many seconds, byte by byte, to ask and to take the answer. */
static inline void nnq_http_sweep(nnq_http_watch *watch, unsigned seconds) {
  time_t now = nnq_http_now();
  pthread_mutex_lock(&watch->lock);
  for (nnq_http_caller *caller = watch->oldest; caller; caller = caller->next) {
    if (caller->is_late || now - caller->since <= (time_t)seconds) continue;
    caller->is_late = 1;
    shutdown(caller->socket, SHUT_RDWR);
  }
  pthread_mutex_unlock(&watch->lock);
}

/* Called by the server's thread alone. One caller more than the limit closes the oldest that has not
 * asked yet, however slowly it sends. */
static inline void nnq_http_notify(void *own, struct MHD_Connection *connection, void **socket_context,
                                   enum MHD_ConnectionNotificationCode code) {
  nnq_http_watch *watch = own;
  nnq_http_caller **place = &watch->oldest;
  if (code == MHD_CONNECTION_NOTIFY_STARTED) {
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    nnq_http_caller *caller = calloc(1, sizeof *caller);
    *socket_context = caller;
    if (!caller) return;
    caller->socket = info ? info->connect_fd : -1;
    caller->since = nnq_http_now();
    caller->watch = watch;
    pthread_mutex_lock(&watch->lock);
    if (++watch->callers > watch->limit) {
      const nnq_http_caller *silent = watch->oldest;
      while (silent && silent->has_asked) silent = silent->next;
      if (silent) shutdown(silent->socket, SHUT_RDWR);
    }
    while (*place) place = &(*place)->next;
    *place = caller;
    pthread_mutex_unlock(&watch->lock);
  } else if (*socket_context) {
    nnq_http_caller *caller = *socket_context;
    pthread_mutex_lock(&watch->lock);
    while (*place && *place != caller) place = &(*place)->next;
    if (*place) *place = caller->next;
    watch->callers--;
    pthread_mutex_unlock(&watch->lock);
    watch->ended(watch->context, !caller->has_asked ? NNQ_HTTP_SILENT
                                 : caller->is_late  ? NNQ_HTTP_LATE
                                                    : NNQ_HTTP_DONE);
    free(caller);
    *socket_context = 0;
  }
}

static inline nnq_http_caller *nnq_http_caller_of(struct MHD_Connection *connection) {
  const union MHD_ConnectionInfo *info =
      MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
  return info ? info->socket_context : 0;
}

/* Marks the connection of a request. */
static inline void nnq_http_asked(struct MHD_Connection *connection) {
  nnq_http_caller *caller = nnq_http_caller_of(connection);
  if (caller) caller->has_asked = 1;
}

/* The answer was taken or cut off; not 0 where the end of the connection tells of it. */
static inline int nnq_http_completed(struct MHD_Connection *connection) {
  nnq_http_caller *caller = nnq_http_caller_of(connection);
  if (!caller) return 0;
  pthread_mutex_lock(&caller->watch->lock);
  caller->since = nnq_http_now();
  int is_late = caller->is_late;
  pthread_mutex_unlock(&caller->watch->lock);
  return is_late;
}

/* Null with errno set where there is no memory. */
static inline nnq_http_watch *nnq_http_make_watch(nnq_http_ended *ended, unsigned limit) {
  nnq_http_watch *watch = calloc(1, sizeof *watch);
  if (!watch) return 0;
  pthread_mutex_init(&watch->lock, 0);
  watch->ended = ended;
  watch->limit = limit;
  return watch;
}

/* Serves on an address, v4 or v6, with a thread of its own, as long as the process lives; null with
 * errno set where that fails. Callers that neither send nor read are cut off after so many seconds. */
static inline struct MHD_Daemon *nnq_http_start(nnq_http_watch *watch, const char *host,
                                                const char *port, unsigned seconds,
                                                MHD_AccessHandlerCallback handler,
                                                MHD_RequestCompletedCallback completed,
                                                void *context) {
  struct addrinfo hints, *found = 0;
  memset(&hints, 0, sizeof hints);
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE;
  if (getaddrinfo(host, port, &hints, &found) != 0) {
    errno = EADDRNOTAVAIL;
    return 0;
  }
  watch->context = context;
  unsigned flags = MHD_USE_AUTO | MHD_USE_INTERNAL_POLLING_THREAD |
                   (found->ai_family == AF_INET6 ? MHD_USE_IPv6 : 0);
  struct MHD_Daemon *daemon = MHD_start_daemon(
      flags, 0, 0, 0, handler, context, MHD_OPTION_SOCK_ADDR, found->ai_addr,
      MHD_OPTION_CONNECTION_LIMIT, watch->limit + 1, MHD_OPTION_CONNECTION_TIMEOUT, seconds,
      MHD_OPTION_NOTIFY_COMPLETED, completed, context, MHD_OPTION_NOTIFY_CONNECTION, nnq_http_notify,
      watch, MHD_OPTION_END);
  freeaddrinfo(found);
  return daemon;
}

/* Answers a caller with a copy of the bytes. */
static inline enum MHD_Result nnq_http_answer(struct MHD_Connection *connection, unsigned status,
                                              const void *bytes, size_t count) {
  struct MHD_Response *response =
      MHD_create_response_from_buffer(count, (void *)(uintptr_t)bytes, MHD_RESPMEM_MUST_COPY);
  if (!response) return MHD_NO;
  MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, "text/plain; version=0.0.4");
  enum MHD_Result result = MHD_queue_response(connection, status, response);
  MHD_destroy_response(response);
  return result;
}

#endif
