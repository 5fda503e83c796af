/* SPDX-License-Identifier: Apache-2.0 */

/* A device without an operating system: checks its model once, then decides from sensor counts. The
 * board has read_sensors(), show() and stop(); motor.h comes from `nnq export --to c -o motor.c`. */

#include "motor.h"
#include "nnq.h"

int read_sensors(int32_t *counts); /* 0 when there will be no more */
void show(uint32_t state);
void stop(nnq_status reason);

static motor_input_code input[MOTOR_INPUTS];
static motor_output_code output[MOTOR_OUTPUTS];
static uint32_t arena[MOTOR_ARENA_WORDS];

int main(void) {
  nnq_model model;
  int32_t counts[MOTOR_INPUTS];
  uint32_t state = 0;
  nnq_status status = nnq_load(&model, motor_image, MOTOR_IMAGE_BYTES);
  if (status == NNQ_OK) status = nnq_selftest(&model, input, output, arena, sizeof arena);
  if (status != NNQ_OK) stop(status); /* never decide with a model that is not whole */
  while (status == NNQ_OK && read_sensors(counts)) {
    status = nnq_quantize_counts(&model, counts, input);
    if (status == NNQ_OK) status = nnq_run(&model, input, output, arena, sizeof arena);
    if (status == NNQ_OK) status = nnq_class(&model, output, &state, NULL);
    if (status == NNQ_OK) show(state);
  }
  return status != NNQ_OK;
}
