/* SPDX-License-Identifier: Apache-2.0 */

/* LiteRT with XNNPACK on one thread, through the C interface of its library (2.x). Its headers are
 * not in the package that carries it; what is declared here is that interface. */

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "subject.h"

enum { ELEMENT_INT8 = 9, ACCELERATOR_CPU = 1 };

typedef struct ranked_tensor_type {
  uint32_t element, rank;
  int32_t dimensions[8];
  uint32_t strides[8];
} ranked_tensor_type;

typedef struct state {
  int (*run)(void *model, uint64_t signature, size_t inputs, void **input, size_t outputs, void **output);
  void *model, *input, *output;
} state;

static void run(void *context) {
  state *s = context;
  if (s->run(s->model, 0, 1, &s->input, 1, &s->output)) fail("LiteRT", "run");
}

#define CALL(name, types, ...) \
  do { \
    int(*call) types = function_of(library, #name); \
    if (call(__VA_ARGS__)) fail("LiteRT", #name); \
  } while (0)

static void *tensor(void *library, int rows, int columns) {
  ranked_tensor_type type = {ELEMENT_INT8, 2, {rows, columns}, {0}};
  size_t bytes = (size_t)rows * (size_t)columns;
  void *made = NULL;
  CALL(LiteRtCreateTensorBufferFromHostMemory, (const void *, void *, size_t, void *, void **), &type,
       buffer_of(bytes), bytes, NULL, &made);
  return made;
}

subject litert_subject(const network *net, const char *path) {
  void *library = library_at(path), *environment = NULL, *file = NULL, *options = NULL, *kernels = NULL;
  state *s = calloc(1, sizeof *s);
  char *text = malloc(64); /* the options free it */
  if (!s || !text) fail("LiteRT", "memory");
  strcpy(text, "kernel_mode = \"delegate\"\nnum_threads = 1\n");
  CALL(LiteRtCreateEnvironment, (int, void *, void **), 0, NULL, &environment);
  CALL(LiteRtCreateModelFromFile, (void *, const char *, void **), environment, net->tflite, &file);
  CALL(LiteRtCreateOptions, (void **), &options);
  CALL(LiteRtSetOptionsHardwareAccelerators, (void *, int), options, ACCELERATOR_CPU);
  CALL(LiteRtCreateOpaqueOptions, (const char *, void *, void (*)(void *), void **), "xnnpack", text, free,
       &kernels);
  CALL(LiteRtAddOpaqueOptions, (void *, void *), options, kernels);
  CALL(LiteRtCreateCompiledModel, (void *, void *, void *, void **), environment, file, options, &s->model);
  s->input = tensor(library, net->batch, net->inputs);
  s->output = tensor(library, net->batch, net->outputs);
  *(void **)&s->run = function_of(library, "LiteRtRunCompiledModel");
  return (subject){"litert", run, s};
}
