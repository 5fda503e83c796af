/* SPDX-License-Identifier: Apache-2.0 */

/* Dense layers arranged for the DSP instructions of a Cortex-M4, M7 or M33.
 *
 * A halfword holds 256 * w1 + w0, the weights of two rows, and SMLAD sums two of them: over the
 * halfwords as they are it gives 256 * D1 + D0, over their low bytes alone D0. So three instructions
 * make four products. Both sums wrap; their difference is 256 * D1 exactly, as |D1| < 2^23 was
 * checked. */

#include "arranged.h"

#if NNQ_LAYOUT == 1

/* x16: codes as halfwords, in fours as columns 0, 2, 1, 3. rounding: twice the zero point and 1, in
 * both halves. low, high: in all bytes. last: where the last whole four of the outputs would start.
 * x_end: past the last code. */
void nnq_dense_pairs(const uint32_t *x16, uint32_t rounding, uint32_t low, uint32_t high,
                     int8_t *last, const uint32_t *x_end, const uint8_t *groups, int8_t *y);

/* r0, r1: 256 * D1 + D0 and D0 of the first pair, r2, r3 of the second; r4 codes and r6 their end;
 * r5 groups; lr outputs. Eight columns a round. Only the upper half of a product with the multiplier
 * counts; rounding to nearest is half of a step, so that twice the zero point and 1 are added before
 * the sum is halved. */
__asm__(
    "  .section .text.nnq_dense_pairs, \"ax\", %progbits\n"
    "  .syntax unified\n"
    "  .thumb\n"
    "  .global nnq_dense_pairs\n"
    "  .type nnq_dense_pairs, %function\n"
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
    "  ldm r4!, {r7, r8}\n"
    "  ldm r5!, {r9-r12}\n"
    "  nnq_two_columns r9, r11, r7\n"
    "  nnq_two_columns r10, r12, r8\n"
    "  .endm\n"
    "nnq_dense_pairs:\n"
    "  push {r4-r11, lr}\n"
    "  ldr r12, [sp, #36]\n"
    "  ldrd r6, r5, [sp, #40]\n"
    "  ldr lr, [sp, #48]\n"
    "  push {r0-r3, r12}\n"
    "  mov r4, r0\n"
    "1:\n"
    "  ldm r5!, {r1, r3}\n"
    "  mov r0, r1\n"
    "  mov r2, r3\n"
    "2:\n"
    "  nnq_four_columns\n"
    "  nnq_four_columns\n"
    "  cmp r4, r6\n"
    "  bne 2b\n"
    "  ldm r5!, {r7-r12}\n"
    "  subs r0, r0, r1\n"
    "  subs r2, r2, r3\n"
    "  add r0, r7, r0, asr #8\n"
    "  add r2, r8, r2, asr #8\n"
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
    "  ssat r1, #16, r1\n"
    "  ssat r0, #16, r0\n"
    "  ssat r3, #16, r3\n"
    "  ssat r2, #16, r2\n"
    "  pkhbt r1, r1, r3, lsl #16\n"
    "  pkhbt r0, r0, r2, lsl #16\n"
    "  ldm sp, {r4, r7, r8, r9, r10}\n"
    "  shadd16 r1, r1, r7\n"
    "  shadd16 r0, r0, r7\n"
    "  ssat16 r1, #8, r1\n"
    "  ssat16 r0, #8, r0\n"
    "  uxtb16 r1, r1\n"
    "  uxtb16 r0, r0\n"
    "  orr r1, r1, r0, lsl #8\n"
    "  ssub8 r0, r1, r8\n"
    "  sel r1, r1, r8\n"
    "  ssub8 r0, r9, r1\n"
    "  sel r1, r1, r9\n"
    "  cmp lr, r10\n"
    "  bhi 3f\n"
    "  str r1, [lr], #4\n"
    "  bne 1b\n"
    "  b 5f\n"
    "3:\n"
    "  adds r10, #4\n"
    "4:\n"
    "  strb r1, [lr], #1\n"
    "  lsrs r1, #8\n"
    "  cmp lr, r10\n"
    "  bne 4b\n"
    "5:\n"
    "  add sp, #20\n"
    "  pop {r4-r11, pc}\n"
    "  .size nnq_dense_pairs, . - nnq_dense_pairs\n"
    "  .purgem nnq_four_columns\n"
    "  .purgem nnq_two_columns\n"
    "  .text\n");

/* Widens four codes: columns 0 and 2, then 1 and 3. */
static inline uint32_t *widen(uint32_t *to, uint32_t codes) {
  uint32_t even, odd;
  __asm__("sxtb16 %0, %1" : "=r"(even) : "r"(codes));
  __asm__("sxtb16 %0, %1, ror #8" : "=r"(odd) : "r"(codes));
  *to++ = even;
  *to++ = odd;
  return to;
}

/* A word at any address. */
typedef struct __attribute__((packed, may_alias)) loose_word {
  uint32_t word;
} loose_word;

void nnq_dense_arranged(const nnq_node *node, const int8_t *x, int8_t *y) {
  const uint32_t inputs = nnq_node_inputs(node);
  const uint32_t outputs = nnq_node_outputs(node);
  uint32_t *wide = node->wide_end - nnq_arranged_columns(inputs) / 2;
  uint32_t *to = wide;
  const int8_t *end = x + (inputs & ~UINT32_C(3));
  for (; x != end; x += 4) to = widen(to, ((const loose_word *)(const void *)x)->word);
  if ((inputs & 3) != 0) {
    uint32_t codes = 0;
    for (uint32_t i = inputs & 3; i > 0; i--) codes = codes << 8 | (uint8_t)x[i - 1];
    widen(to, codes);
  }
  uint32_t rounding = (uint32_t)(2 * nnq_node_zero_point(node) + 1) & 0xFFFF;
  const uint32_t all = UINT32_C(0x01010101);
  int8_t *last = (int8_t *)((uintptr_t)y + outputs - 4); /* before y for less than four */
  /* The words past the widened codes meet weights of 0. */
  nnq_dense_pairs(wide, rounding * 0x10001, ((uint32_t)nnq_node_low(node) & 0xFF) * all,
                  ((uint32_t)nnq_node_high(node) & 0xFF) * all, last,
                  node->wide_end, node->data, y);
}

#else
typedef int nnq_no_dsp;
#endif
