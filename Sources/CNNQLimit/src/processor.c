// SPDX-License-Identifier: Apache-2.0
#define _GNU_SOURCE
#include <sched.h>

#include "nnq_limit.h"

typedef char nnq_limit_processors_fit[sizeof(nnq_limit_processors) == sizeof(cpu_set_t) ? 1 : -1];

int nnq_limit_stay(nnq_limit_processors *before) {
  int processor = sched_getcpu();
  if (processor < 0 || processor >= CPU_SETSIZE) return 0;
  if (sched_getaffinity(0, sizeof(cpu_set_t), (cpu_set_t *)before) != 0) return 0;
  cpu_set_t one;
  CPU_ZERO(&one);
  CPU_SET((size_t)processor, &one);
  return sched_setaffinity(0, sizeof one, &one) == 0;
}

void nnq_limit_move(const nnq_limit_processors *processors) {
  sched_setaffinity(0, sizeof(cpu_set_t), (const cpu_set_t *)processors);
}
