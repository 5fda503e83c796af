/* SPDX-License-Identifier: Apache-2.0 */

/* linux_daemon IMAGE: answers sensor counts on stdin with classes, on the fastest kernel of this CPU.
 * What a swap of the model under load needs is in gateway-runtime. */

#include <stdalign.h>
#include <stdio.h>

#include "nnq.h"

enum { MOST = 1 << 20 };
static alignas(NNQ_PACK_ALIGNMENT) uint8_t image[MOST], packed[MOST], arena[MOST];
static int16_t input[NNQ_MAX_DIMENSION], output[NNQ_MAX_DIMENSION];
static int32_t counts[NNQ_MAX_DIMENSION];

int main(int argument_count, char **arguments) {
  FILE *file = argument_count == 2 ? fopen(arguments[1], "rb") : NULL;
  nnq_model model;
  uint32_t state, count = 0;
  nnq_status status = nnq_load(&model, image, file ? fread(image, 1, MOST, file) : 0);
  if (status == NNQ_OK) status = nnq_selftest(&model, input, output, arena, MOST);
  if (status == NNQ_OK) status = nnq_pack(&model, nnq_best_kernel(), packed, MOST);
  while (status == NNQ_OK && scanf("%9d", &counts[count]) == 1) { /* 9 digits cannot overflow */
    if (++count < nnq_inputs(&model)) continue;
    count = 0;
    status = nnq_quantize_counts(&model, counts, input);
    if (status == NNQ_OK) status = nnq_run_batch(&model, packed, 1, input, output, arena, MOST);
    if (status == NNQ_OK) status = nnq_class(&model, output, &state, NULL);
    if (status == NNQ_OK && (printf("%u\n", (unsigned)state) < 0 || fflush(stdout))) return 74;
  }
  if (file) fclose(file);
  if (status == NNQ_OK && feof(stdin) && count == 0) return 0;
  fprintf(stderr, "%s\n", status == NNQ_OK ? "not a row of counts" : nnq_status_name(status));
  return 1;
}
