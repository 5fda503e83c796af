/* SPDX-License-Identifier: Apache-2.0 */

/* Dense layers arranged for the DSP instructions of a Cortex-M4, M7 or M33.
 *
 * A halfword holds 256 * w1 + w0, the weights of two rows, and SMLAD sums two of them: over the
 * halfwords as they are it gives 256 * D1 + D0, over their low bytes alone D0. So three instructions
 * make four products. Both sums wrap; their difference is 256 * D1 exactly, as |D1| < 2^23 was
 * checked. */

#include "arranged.h"

#if NNQ_LAYOUT == 1

#include <stddef.h>

/* What the assembly knows of a node. */
typedef char nnq_node_is_as_known[offsetof(nnq_node, record) == 0 && offsetof(nnq_node, data) == 4 &&
                                          offsetof(nnq_node, wide_end) == 16
                                      ? 1
                                      : -1];

/* First the codes are widened to halfwords, in fours as columns 0, 2, 1, 3; what lies past the last
 * one meets weights of 0. Then groups of four rows, eight columns a round: r0, r1 are 256 * D1 + D0 and
 * D0 of the first pair, r2, r3 of the second; r4 codes and r8 their end; r5 groups; lr outputs.
 *
 * Only the upper half of a product with the multiplier counts. Rounding to nearest is half of a step:
 * 2 * (zero_point - low) + 1 is added before the sum is halved. That is the code less low, which USAT
 * holds at 0. All four bytes plus 255 - (high - low), with saturation, less 255 - high are the codes,
 * held at high. Returns the end of the data. */
__asm__(
    "  .section .text.nnq_dense_arranged, \"ax\", %progbits\n"
    "  .syntax unified\n"
    "  .thumb\n"
    "  .global nnq_dense_arranged\n"
    "  .type nnq_dense_arranged, %function\n"
    "  .thumb_func\n"
    "  .macro nnq_two_columns first, second, x\n"
    "  smlad r0, \\first, \\x, r0\n"
    "  sxtb16 \\first, \\first\n"
    "  smlad r2, \\second, \\x, r2\n"
    "  sxtb16 \\second, \\second\n"
    "  smlad r1, \\first, \\x, r1\n"
    "  smlad r3, \\second, \\x, r3\n"
    "  .endm\n"
    "  .macro nnq_four_columns\n"
    "  ldm r4!, {r6, r7}\n"
    "  ldm r5!, {r9-r12}\n"
    "  nnq_two_columns r9, r11, r6\n"
    "  nnq_two_columns r10, r12, r7\n"
    "  .endm\n"
    "nnq_dense_arranged:\n"
    "  push {r4-r11, lr}\n"
    "  ldrd r6, r5, [r0]\n"
    "  ldr r8, [r0, #16]\n"
    "  mov lr, r2\n"
    "  ldrh r7, [r6, #8]\n"
    "  adds r4, r7, #7\n"
    "  bic r4, r4, #7\n"
    "  sub r4, r8, r4, lsl #1\n"
    "  mov r0, r4\n"
    "  b 2f\n"
    "1:\n"
    "  ldr r2, [r1], #4\n"
    "0:\n"
    "  sxtb16 r9, r2\n"
    "  sxtb16 r10, r2, ror #8\n"
    "  strd r9, r10, [r4], #8\n"
    "2:\n"
    "  subs r7, #4\n"
    "  bhs 1b\n"
    "  adds r7, #4\n"
    "  beq 4f\n"
    "3:\n"
    "  subs r7, #1\n"
    "  ldrb r3, [r1, r7]\n"
    "  orr r2, r3, r2, lsl #8\n"
    "  bne 3b\n"
    "  b 0b\n"
    "4:\n"
    "  ldrh r7, [r6, #10]\n"
    "  add r7, lr\n"
    "  subs r7, #4\n"
    "  ldrsh r1, [r6, #12]\n"
    "  ldrsh r2, [r6, #14]\n"
    "  ldrb r3, [r6, #16]\n"
    "  subs r1, r2\n"
    "  lsls r1, #1\n"
    "  adds r1, #1\n"
    "  eor r3, r3, #255\n"
    "  add r2, r3\n"
    "  uxtb r2, r2\n"
    "  mov r4, #0x01010101\n"
    "  muls r2, r4\n"
    "  muls r3, r4\n"
    "  push {r0-r3, r7}\n"
    "  mov r4, r0\n"
    "5:\n"
    "  ldm r5!, {r1, r3}\n"
    "  mov r0, r1\n"
    "  mov r2, r3\n"
    "6:\n"
    "  nnq_four_columns\n"
    "  nnq_four_columns\n"
    "  cmp r4, r8\n"
    "  bne 6b\n"
    "  ldm r5!, {r6, r7, r9-r12}\n"
    "  subs r0, r0, r1\n"
    "  subs r2, r2, r3\n"
    "  add r0, r6, r0, asr #8\n"
    "  add r2, r7, r2, asr #8\n"
    "  smmul r1, r1, r9\n"
    "  smmul r0, r0, r10\n"
    "  smmul r3, r3, r11\n"
    "  smmul r2, r2, r12\n"
    "  ldm r5!, {r7}\n"
    "  asrs r1, r7\n"
    "  lsrs r7, #8\n"
    "  asrs r0, r7\n"
    "  lsrs r7, #8\n"
    "  asrs r3, r7\n"
    "  lsrs r7, #8\n"
    "  asrs r2, r7\n"
    "  ldm sp, {r4, r6, r9-r11}\n"
    "  adds r1, r6\n"
    "  adds r0, r6\n"
    "  adds r3, r6\n"
    "  adds r2, r6\n"
    "  usat r1, #8, r1, asr #1\n"
    "  usat r0, #8, r0, asr #1\n"
    "  usat r3, #8, r3, asr #1\n"
    "  usat r2, #8, r2, asr #1\n"
    "  orr r1, r1, r0, lsl #8\n"
    "  orr r3, r3, r2, lsl #8\n"
    "  orr r1, r1, r3, lsl #16\n"
    "  uqadd8 r1, r1, r9\n"
    "  usub8 r1, r1, r10\n"
    "  cmp lr, r11\n"
    "  bhi 7f\n"
    "  str r1, [lr], #4\n"
    "  bne 5b\n"
    "  b 9f\n"
    "7:\n"
    "  adds r11, #4\n"
    "8:\n"
    "  strb r1, [lr], #1\n"
    "  lsrs r1, #8\n"
    "  cmp lr, r11\n"
    "  bne 8b\n"
    "9:\n"
    "  add sp, #20\n"
    "  pop {r4-r11, pc}\n"
    "  .size nnq_dense_arranged, . - nnq_dense_arranged\n"
    "  .purgem nnq_four_columns\n"
    "  .purgem nnq_two_columns\n"
    "  .text\n");

#else
typedef int nnq_no_dsp;
#endif
