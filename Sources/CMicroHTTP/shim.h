/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NNQ_MICROHTTP_SHIM_H
#define NNQ_MICROHTTP_SHIM_H
#include <arpa/inet.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <string.h>

/* Serves on an IPv4 address with a thread of its own; null with errno set where that fails. Callers
 * that neither send nor read are cut off after so many seconds. */
static inline struct MHD_Daemon *nnq_http_start(const char *host, uint16_t port, unsigned limit,
                                                unsigned seconds, MHD_AccessHandlerCallback handler,
                                                void *context) {
  struct sockaddr_in address;
  memset(&address, 0, sizeof address);
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  if (inet_pton(AF_INET, host, &address.sin_addr) != 1) return 0;
  return MHD_start_daemon(MHD_USE_AUTO | MHD_USE_INTERNAL_POLLING_THREAD, port, 0, 0, handler,
                          context, MHD_OPTION_SOCK_ADDR, &address, MHD_OPTION_CONNECTION_LIMIT,
                          limit, MHD_OPTION_CONNECTION_TIMEOUT, seconds, MHD_OPTION_END);
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
