/* SPDX-License-Identifier: Apache-2.0 */

/* The vectors and the start of a Cortex-M. */

#include <stdint.h>

extern uint32_t data_source[], data_start[], data_end[], bss_start[], bss_end[], stack_top[];
int main(void);
void machine_exit(int status);
void reset(void);

static void fault(void) { machine_exit(99); }

void reset(void) {
#if defined(__ARM_FP) || defined(__ARM_FEATURE_MVE)
  /* CPACR: CP10 and CP11 are open, before the compiler uses vectors for the loops below. */
  *(volatile uint32_t *)UINT32_C(0xE000ED88) |= UINT32_C(0xF) << 20;
  __asm__ volatile("dsb\nisb" ::: "memory");
#endif
  const uint32_t *source = data_source;
  for (uint32_t *to = data_start; to < data_end;) *to++ = *source++;
  for (volatile uint32_t *to = bss_start; to < bss_end;) *to++ = 0;
  machine_exit(main());
}

__attribute__((section(".vectors"), used)) static const void *const vectors[16] = {
    stack_top, reset, fault, fault, fault, fault, fault, 0,
    0,         0,     0,     fault, fault, 0,     fault, fault};
