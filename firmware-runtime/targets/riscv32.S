/* SPDX-License-Identifier: Apache-2.0 */

/* The start of a RISC-V hart. QEMU loads the initialised data where they stay. */

  .section .vectors, "ax"
  .globl reset
reset:
  la sp, stack_top
  la a0, bss_start
  la a1, bss_end
1:
  bgeu a0, a1, 2f
  sw zero, 0(a0)
  addi a0, a0, 4
  j 1b
2:
  call main
  call machine_exit
