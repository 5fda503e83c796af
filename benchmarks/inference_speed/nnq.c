/* SPDX-License-Identifier: Apache-2.0 */

/* nnq's runtime: the image is read once, packed for the kernel and run in batches. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "nnq.h"
#include "subject.h"

typedef struct state {
  nnq_model model;
  void *packed, *input, *output, *arena;
  size_t arena_bytes;
  uint32_t rows;
} state;

static void run(void *context) {
  state *s = context;
  if (nnq_run_batch(&s->model, s->packed, s->rows, s->input, s->output, s->arena, s->arena_bytes)) {
    fail("nnq", "run");
  }
}

static void check(nnq_status status) {
  if (status != NNQ_OK) fail("nnq", nnq_status_name(status));
}

subject nnq_subject(const char *path, const network *net, const char *kernel) {
  state *s = calloc(1, sizeof *s);
  uint8_t *image = buffer_of(1 << 24);
  FILE *file = fopen(path, "rb");
  if (!s || !file) fail("cannot read", path);
  size_t size = fread(image, 1, 1 << 24, file);
  fclose(file);
  check(nnq_load(&s->model, image, size));
  if (nnq_input_bits(&s->model) != 8 || nnq_output_bits(&s->model) != 8) fail("not 8 bits", path);
  uint32_t index = 0;
  while (index < nnq_kernels() && strcmp(nnq_kernel_name(index), kernel) != 0) ++index;
  size_t bytes = nnq_pack_bytes(&s->model, index);
  s->packed = bytes ? buffer_of(bytes) : NULL;
  check(nnq_pack(&s->model, index, s->packed, bytes));
  s->rows = (uint32_t)net->batch;
  s->input = buffer_of((size_t)net->batch * nnq_inputs(&s->model));
  s->output = buffer_of((size_t)net->batch * nnq_outputs(&s->model));
  s->arena_bytes = nnq_batch_arena_bytes(&s->model, index, s->rows);
  s->arena = buffer_of(s->arena_bytes);
  return (subject){kernel, run, s};
}
