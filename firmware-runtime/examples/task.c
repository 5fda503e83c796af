/* SPDX-License-Identifier: Apache-2.0 */

/* A task of an RTOS between two queues, in FreeRTOS's way. Any number of such tasks may share one
 * model, which is constant; each has buffers of its own, on its stack. */

#include "motor.h"
#include "nnq.h"

typedef struct queue queue; /* stands for QueueHandle_t and the calls below for xQueue... */
int queue_receive(queue *from, void *item);
int queue_send(queue *to, const void *item);

typedef struct motor_task {
  const nnq_model *model;     /* loaded and tested before the tasks start */
  queue *readings, *verdicts; /* of int32_t[MOTOR_INPUTS], of uint32_t */
} motor_task;

void motor_task_run(void *context);

void motor_task_run(void *context) {
  const motor_task *task = context;
  motor_input_code input[MOTOR_INPUTS];
  motor_output_code output[MOTOR_OUTPUTS];
  uint32_t arena[MOTOR_ARENA_WORDS], state;
  int32_t counts[MOTOR_INPUTS];
  while (queue_receive(task->readings, counts)) {
    if (nnq_quantize_counts(task->model, counts, input) == NNQ_OK &&
        nnq_run(task->model, input, output, arena, sizeof arena) == NNQ_OK &&
        nnq_class(task->model, output, &state, NULL) == NNQ_OK) {
      queue_send(task->verdicts, &state);
    }
  }
}
