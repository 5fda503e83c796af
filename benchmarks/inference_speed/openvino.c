/* SPDX-License-Identifier: Apache-2.0 */

/* OpenVINO's CPU plugin on one thread and one stream, through its C interface. */

#include <stdint.h>
#include <stdlib.h>

#include "subject.h"

typedef struct dimension {
  int64_t lowest, highest;
} dimension;

typedef struct partial_shape {
  dimension rank;
  dimension *dimensions;
} partial_shape;

typedef struct state {
  int (*infer)(void *request);
  void *request;
} state;

static void run(void *context) {
  state *s = context;
  if (s->infer(s->request)) fail("OpenVINO", "infer");
}

#define CALL(name, types, ...) \
  do { \
    int(*call) types = function_of(library, #name); \
    if (call(__VA_ARGS__)) fail("OpenVINO", #name); \
  } while (0)

subject openvino_subject(const network *net, const char *path) {
  void *library = library_at(path), *core = NULL, *model = NULL, *compiled = NULL;
  state *s = calloc(1, sizeof *s);
  if (!s) fail("OpenVINO", "memory");
  dimension sizes[2] = {{net->batch, net->batch}, {net->inputs, net->inputs}};
  partial_shape shape = {{2, 2}, sizes};
  CALL(ov_core_create, (void **), &core);
  CALL(ov_core_read_model, (void *, const char *, const char *, void **), core, net->onnx, NULL, &model);
  CALL(ov_model_reshape_single_input, (void *, partial_shape), model, shape);
  CALL(ov_core_compile_model, (void *, void *, const char *, size_t, void **, ...), core, model, "CPU", 4,
       &compiled, "INFERENCE_NUM_THREADS", "1", "NUM_STREAMS", "1");
  CALL(ov_compiled_model_create_infer_request, (void *, void **), compiled, &s->request);
  *(void **)&s->infer = function_of(library, "ov_infer_request_infer");
  return (subject){"openvino", run, s};
}
