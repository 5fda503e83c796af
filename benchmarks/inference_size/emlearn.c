/* SPDX-License-Identifier: Apache-2.0 */

/* Runs emlearn's network on random numbers between the two functions that the counter watches. */

#include NETWORK

#include "machine.h"

void count_begin(void);
void count_end(void);
__attribute__((noinline)) void count_begin(void) { __asm__ volatile("/* begin */"); }
__attribute__((noinline)) void count_end(void) { __asm__ volatile("/* end */"); }

static float input[INPUTS], output[OUTPUTS];

__attribute__((noinline)) static int run(void) {
  count_begin();
  int status = (int)eml_net_regress(&network, input, INPUTS, output, OUTPUTS);
  count_end();
  return status;
}

int main(void) {
  uint32_t state = 1, stack = machine_stack();
  for (int row = 0; row < 10; row++) {
    for (int i = 0; i < INPUTS; i++) {
      state ^= state << 13;
      state ^= state >> 17;
      state ^= state << 5;
      input[i] = (float)(int32_t)state * 0x1p-30f;
    }
    machine_stack_paint(stack);
    if (run() != 0) return 1;
  }
  machine_print("run_stack", machine_stack_used(stack));
  return 0;
}
