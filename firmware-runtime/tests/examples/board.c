/* SPDX-License-Identifier: Apache-2.0 */

/* A board for examples/bare_metal.c and, with -DTASK, the kernel for examples/task.c: sensor counts
 * come from stdin, decisions go to stdout. */

#include <inttypes.h>
#include <stdio.h>

#include "motor.h"
#include "nnq.h"

int read_sensors(int32_t *counts);
void show(uint32_t state);

int read_sensors(int32_t *counts) {
  for (int i = 0; i < MOTOR_INPUTS; ++i) {
    if (scanf("%" SCNd32, &counts[i]) != 1) return 0;
  }
  return 1;
}

void show(uint32_t state) { printf("%" PRIu32 "\n", state); }

#ifdef TASK
typedef struct queue queue;
int queue_receive(queue *from, void *item);
int queue_send(queue *to, const void *item);
void motor_task_run(void *context);

int queue_receive(queue *from, void *item) { return from ? 0 : read_sensors(item); }

int queue_send(queue *to, const void *item) {
  if (!to) show(*(const uint32_t *)item);
  return !to;
}

int main(void) {
  nnq_model model;
  struct { const nnq_model *model; queue *readings, *verdicts; } task = {&model, NULL, NULL};
  if (nnq_load(&model, motor_image, MOTOR_IMAGE_BYTES) != NNQ_OK) return 1;
  motor_task_run(&task);
  return 0;
}
#else
void stop(nnq_status reason);

void stop(nnq_status reason) { fprintf(stderr, "%s\n", nnq_status_name(reason)); }
#endif
