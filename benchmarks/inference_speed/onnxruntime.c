/* SPDX-License-Identifier: Apache-2.0 */

/* ONNX Runtime on one thread, through its C interface: a table of functions that only ever grows, of
 * which those used here are named by their places. */

#include <stdint.h>
#include <stdlib.h>

#include "subject.h"

enum {
  MESSAGE = 2,
  CREATE_ENVIRONMENT = 3,
  CREATE_SESSION = 7,
  RUN = 9,
  CREATE_OPTIONS = 10,
  SET_OPTIMIZATION = 23,
  SET_INTRA_THREADS = 24,
  SET_INTER_THREADS = 25,
  CREATE_TENSOR = 49,
  CREATE_CPU_MEMORY = 69,
  INTERFACE_VERSION = 17,
  FLOAT = 1
};

typedef struct interface {
  void **(*functions)(uint32_t version);
} interface;

typedef struct state {
  void **functions;
  void *session, *input, *output;
  const char *input_name, *output_name;
} state;

static void check(const state *s, void *status) {
  if (status) fail("ONNX Runtime", ((const char *(*)(void *))s->functions[MESSAGE])(status));
}

static void run(void *context) {
  const state *s = context;
  typedef void *call(void *, void *, const char **, void **, size_t, const char **, size_t, void **);
  const char *in = s->input_name, *out = s->output_name;
  void *input = s->input, *output = s->output;
  check(s, ((call *)s->functions[RUN])(s->session, NULL, &in, &input, 1, &out, 1, &output));
}

static void *tensor(const state *s, void *memory, int64_t rows, int64_t columns) {
  typedef void *call(void *, void *, size_t, const int64_t *, size_t, int, void **);
  int64_t shape[2] = {rows, columns};
  size_t bytes = sizeof(float) * (size_t)(rows * columns);
  void *made = NULL;
  check(s, ((call *)s->functions[CREATE_TENSOR])(memory, buffer_of(bytes), bytes, shape, 2, FLOAT, &made));
  return made;
}

subject onnxruntime_subject(const network *net, const char *path) {
  const interface *base = ((const interface *(*)(void))function_of(library_at(path), "OrtGetApiBase"))();
  state *s = calloc(1, sizeof *s);
  if (!s) fail("ONNX Runtime", "memory");
  s->functions = base->functions(INTERFACE_VERSION);
  if (!s->functions) fail("ONNX Runtime", "an older interface");
  void *environment = NULL, *options = NULL, *memory = NULL, **f = s->functions;
  check(s, ((void *(*)(int, const char *, void **))f[CREATE_ENVIRONMENT])(3, "nnq", &environment));
  check(s, ((void *(*)(void **))f[CREATE_OPTIONS])(&options));
  check(s, ((void *(*)(void *, int))f[SET_OPTIMIZATION])(options, 99));
  check(s, ((void *(*)(void *, int))f[SET_INTRA_THREADS])(options, 1));
  check(s, ((void *(*)(void *, int))f[SET_INTER_THREADS])(options, 1));
  check(s, ((void *(*)(void *, const char *, void *, void **))f[CREATE_SESSION])(environment, net->onnx,
                                                                              options, &s->session));
  check(s, ((void *(*)(int, int, void **))f[CREATE_CPU_MEMORY])(1, 0, &memory));
  s->input = tensor(s, memory, net->batch, net->inputs);
  s->output = tensor(s, memory, net->batch, net->outputs);
  s->input_name = net->onnx_input;
  s->output_name = net->onnx_output;
  return (subject){"onnxruntime", run, s};
}
