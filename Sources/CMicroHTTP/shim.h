/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NNQ_MICROHTTP_SHIM_H
#define NNQ_MICROHTTP_SHIM_H
#include <errno.h>
#include <microhttpd.h>
#include <netdb.h>
#include <string.h>

/* Serves on an address, v4 or v6, with a thread of its own; null with errno set where that fails.
 * Callers that neither send nor read are cut off after so many seconds. */
static inline struct MHD_Daemon *nnq_http_start(const char *host, const char *port, unsigned limit,
                                                unsigned seconds, MHD_AccessHandlerCallback handler,
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
  unsigned flags = MHD_USE_AUTO | MHD_USE_INTERNAL_POLLING_THREAD |
                   (found->ai_family == AF_INET6 ? MHD_USE_IPv6 : 0);
  struct MHD_Daemon *daemon = MHD_start_daemon(
      flags, 0, 0, 0, handler, context, MHD_OPTION_SOCK_ADDR, found->ai_addr,
      MHD_OPTION_CONNECTION_LIMIT, limit, MHD_OPTION_CONNECTION_TIMEOUT, seconds,
      MHD_OPTION_NOTIFY_COMPLETED, completed, context, MHD_OPTION_END);
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
