/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NNQ_MICROHTTP_SHIM_H
#define NNQ_MICROHTTP_SHIM_H
#include <errno.h>
#include <microhttpd.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>

/* What is told, with the context, of a connection that has ended: whether a request ever came over it. */
typedef void nnq_http_ended(void *context, int has_asked);

typedef struct nnq_http_caller {
  struct nnq_http_caller *next;
  int socket;
  char has_asked;
} nnq_http_caller;

typedef struct nnq_http_watch {
  nnq_http_ended *ended;
  void *context;
  unsigned limit, callers;
  nnq_http_caller *oldest;
} nnq_http_watch;

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
    if (++watch->callers > watch->limit) {
      const nnq_http_caller *silent = watch->oldest;
      while (silent && silent->has_asked) silent = silent->next;
      if (silent) shutdown(silent->socket, SHUT_RDWR);
    }
    while (*place) place = &(*place)->next;
    *place = caller;
  } else if (*socket_context) {
    nnq_http_caller *caller = *socket_context;
    while (*place && *place != caller) place = &(*place)->next;
    if (*place) *place = caller->next;
    watch->callers--;
    watch->ended(watch->context, caller->has_asked);
    free(caller);
    *socket_context = 0;
  }
}

/* Marks the connection of a request. */
static inline void nnq_http_asked(struct MHD_Connection *connection) {
  const union MHD_ConnectionInfo *info =
      MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
  if (info && info->socket_context) ((nnq_http_caller *)info->socket_context)->has_asked = 1;
}

/* Serves on an address, v4 or v6, with a thread of its own, as long as the process lives; null with
 * errno set where that fails. Callers that neither send nor read are cut off after so many seconds. */
static inline struct MHD_Daemon *nnq_http_start(const char *host, const char *port, unsigned limit,
                                                unsigned seconds, MHD_AccessHandlerCallback handler,
                                                MHD_RequestCompletedCallback completed,
                                                nnq_http_ended *ended, void *context) {
  struct addrinfo hints, *found = 0;
  memset(&hints, 0, sizeof hints);
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE;
  if (getaddrinfo(host, port, &hints, &found) != 0) {
    errno = EADDRNOTAVAIL;
    return 0;
  }
  nnq_http_watch *watch = calloc(1, sizeof *watch);
  if (!watch) {
    freeaddrinfo(found);
    return 0;
  }
  watch->ended = ended;
  watch->context = context;
  watch->limit = limit;
  unsigned flags = MHD_USE_AUTO | MHD_USE_INTERNAL_POLLING_THREAD |
                   (found->ai_family == AF_INET6 ? MHD_USE_IPv6 : 0);
  struct MHD_Daemon *daemon = MHD_start_daemon(
      flags, 0, 0, 0, handler, context, MHD_OPTION_SOCK_ADDR, found->ai_addr,
      MHD_OPTION_CONNECTION_LIMIT, limit + 1, MHD_OPTION_CONNECTION_TIMEOUT, seconds,
      MHD_OPTION_NOTIFY_COMPLETED, completed, context, MHD_OPTION_NOTIFY_CONNECTION, nnq_http_notify,
      watch, MHD_OPTION_END);
  if (!daemon) free(watch);
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
