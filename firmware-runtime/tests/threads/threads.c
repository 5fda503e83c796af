/* SPDX-License-Identifier: Apache-2.0 */

/* Eight threads run one loaded model, each with buffers of its own; for TSan. Prints only what is
 * wrong. */

#include <pthread.h>

#include "../mixed_spec.h"
#include "nnq.h"

enum { THREADS = 8, ROWS = 2000 };

unsigned long passed, failed;

static nnq_model model;

typedef struct work {
  uint64_t seed;
  uint32_t digest;
} work;

static void *run_rows(void *context) {
  work *own = context;
  size_t input_bytes = nnq_inputs(&model) * (nnq_input_bits(&model) / 8);
  size_t output_bytes = nnq_outputs(&model) * (nnq_output_bits(&model) / 8);
  size_t arena_bytes = nnq_arena_bytes(&model);
  uint8_t *input = allocate(input_bytes), *output = allocate(output_bytes);
  void *arena = allocate(arena_bytes);
  for (int row = 0; row < ROWS; row++) {
    for (size_t i = 0; i < input_bytes; i++) input[i] = (uint8_t)random_bits(&own->seed);
    if (nnq_run(&model, input, output, arena, arena_bytes) != NNQ_OK) own->digest = 0;
    own->digest = crc_of(own->digest, output, output_bytes);
  }
  if (nnq_selftest(&model, input, output, arena, arena_bytes) != NNQ_OK) own->digest = 0;
  free(input);
  free(output);
  free(arena);
  return NULL;
}

int main(void) {
  spec *s = mixed_spec(12, 6, 24);
  image file = write_image(s);
  if (nnq_load(&model, file.bytes, file.size) != NNQ_OK) return 70;
  work alone = {7, UINT32_MAX}, own[THREADS];
  pthread_t thread[THREADS];
  run_rows(&alone);
  for (int i = 0; i < THREADS; i++) {
    own[i].seed = 7;
    own[i].digest = UINT32_MAX;
    if (pthread_create(&thread[i], NULL, run_rows, &own[i]) != 0) return 70;
  }
  int differ = 0;
  for (int i = 0; i < THREADS; i++) {
    pthread_join(thread[i], NULL);
    differ += own[i].digest != alone.digest || alone.digest == 0;
  }
  if (differ > 0) printf("%d of %d threads computed something else\n", differ, THREADS);
  free(file.bytes);
  free_spec(s);
  return differ > 0;
}
