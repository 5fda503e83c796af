/* SPDX-License-Identifier: Apache-2.0 */

/* Dense layers of 8-bit weights and codes on a Cortex-M, four rows at a time, where the compiler is
 * asked for speed. How many instructions run does not depend on the codes. */

#include "finish.h"

#if NNQ_HAS_THUMB

/* What is computed four rows at a time, and moved on; all shifts are 33 or more, the highest code is
 * 127. The order of the members is known to the assembly. */
typedef struct quads {
  const uint8_t *weights;
  const int8_t *x;
  uint32_t inputs;
  const uint8_t *bias;
  const uint8_t *multiplier;
  const uint8_t *shift;
  int8_t *y;
  uint32_t count;
  int32_t rounding; /* twice the zero point and 1 */
  int32_t low;
} quads;

void nnq_dense_quads(quads *all);

#if defined(__thumb2__)

/* r4-r7 sums; r1, r8, r9, r10 rows; r2 codes; r12 columns left. Sixteen columns a round. Only the
 * upper half of a product with the multiplier counts, and rounding to nearest is half of a step, so
 * that (high >> (shift - 33)) + 2 * zero_point + 1 is halved last. */
__asm__(
    "  .section .text.nnq_dense_quads, \"ax\", %progbits\n"
    "  .syntax unified\n"
    "  .thumb\n"
    "  .global nnq_dense_quads\n"
    "  .type nnq_dense_quads, %function\n"
    "  .thumb_func\n"
    "  .macro nnq_column\n"
    "  ldrsb r11, [r2], #1\n"
    "  ldrsb lr, [r1], #1\n"
    "  mla r4, lr, r11, r4\n"
    "  ldrsb lr, [r8], #1\n"
    "  mla r5, lr, r11, r5\n"
    "  ldrsb lr, [r9], #1\n"
    "  mla r6, lr, r11, r6\n"
    "  ldrsb lr, [r10], #1\n"
    "  mla r7, lr, r11, r7\n"
    "  .endm\n"
    "  .macro nnq_code sum, multiplier\n"
    "  smull lr, \\sum, \\sum, \\multiplier\n"
    "  asr \\sum, \\sum, r3\n"
    "  add \\sum, \\sum, r12\n"
    "  ssat \\sum, #8, \\sum, asr #1\n"
    "  sub lr, \\sum, r1\n"
    "  bic lr, lr, lr, asr #31\n"
    "  add \\sum, lr, r1\n"
    "  strb \\sum, [r2], #1\n"
    "  .endm\n"
    "nnq_dense_quads:\n"
    "  push {r0, r4-r11, lr}\n"
    "0:\n"
    "  ldm r0, {r1, r2, r3, r11}\n"
    "  ldm r11!, {r4-r7}\n"
    "  str r11, [r0, #12]\n"
    "  add r8, r1, r3\n"
    "  add r9, r8, r3\n"
    "  add r10, r9, r3\n"
    "  subs r12, r3, #16\n"
    "  blo 2f\n"
    "1:\n"
    "  .rept 16\n"
    "  nnq_column\n"
    "  .endr\n"
    "  subs r12, r12, #16\n"
    "  bhs 1b\n"
    "2:\n"
    "  adds r12, r12, #16\n"
    "  beq 4f\n"
    "3:\n"
    "  nnq_column\n"
    "  subs r12, r12, #1\n"
    "  bne 3b\n"
    "4:\n"
    "  ldr r0, [sp]\n"
    "  str r10, [r0]\n"
    "  ldrd r1, r2, [r0, #16]\n"
    "  ldm r1!, {r8-r11}\n"
    "  ldr r3, [r2], #4\n"
    "  strd r1, r2, [r0, #16]\n"
    "  sub r3, r3, #0x21212121\n"
    "  ldr r2, [r0, #24]\n"
    "  ldrd r12, r1, [r0, #32]\n"
    "  nnq_code r4, r8\n"
    "  lsr r3, r3, #8\n"
    "  nnq_code r5, r9\n"
    "  lsr r3, r3, #8\n"
    "  nnq_code r6, r10\n"
    "  lsr r3, r3, #8\n"
    "  nnq_code r7, r11\n"
    "  ldr r3, [r0, #28]\n"
    "  subs r3, r3, #1\n"
    "  strd r2, r3, [r0, #24]\n"
    "  bne 0b\n"
    "  pop {r0, r4-r11, pc}\n"
    "  .size nnq_dense_quads, . - nnq_dense_quads\n"
    "  .purgem nnq_column\n"
    "  .purgem nnq_code\n"
    "  .text\n");

#else

/* sums[r] += sum w[r * count + i] * x[i], for 4 rows. */
void nnq_dot_rows(int32_t *sums, const int8_t *w, const int8_t *x, uint32_t count);

/* r8-r11 sums; r1, r4, r5, r6 ends of rows; r2 end of the codes; r3 the column, from -count up to 0.
 * Eight columns a round. */
__asm__(
    "  .section .text.nnq_dot_rows, \"ax\", %progbits\n"
    "  .syntax unified\n"
    "  .thumb\n"
    "  .global nnq_dot_rows\n"
    "  .type nnq_dot_rows, %function\n"
    "  .thumb_func\n"
    "  .macro nnq_column\n"
    "  ldrsb r0, [r2, r3]\n"
    "  ldrsb r7, [r1, r3]\n"
    "  muls r7, r0\n"
    "  add r8, r7\n"
    "  ldrsb r7, [r4, r3]\n"
    "  muls r7, r0\n"
    "  add r9, r7\n"
    "  ldrsb r7, [r5, r3]\n"
    "  muls r7, r0\n"
    "  add r10, r7\n"
    "  ldrsb r7, [r6, r3]\n"
    "  muls r7, r0\n"
    "  add r11, r7\n"
    "  adds r3, #1\n"
    "  .endm\n"
    "nnq_dot_rows:\n"
    "  push {r0, r4-r7, lr}\n"
    "  mov r4, r8\n"
    "  mov r5, r9\n"
    "  mov r6, r10\n"
    "  mov r7, r11\n"
    "  push {r4-r7}\n"
    "  ldm r0!, {r4-r7}\n"
    "  mov r8, r4\n"
    "  mov r9, r5\n"
    "  mov r10, r6\n"
    "  mov r11, r7\n"
    "  adds r2, r2, r3\n"
    "  adds r1, r1, r3\n"
    "  adds r4, r1, r3\n"
    "  adds r5, r4, r3\n"
    "  adds r6, r5, r3\n"
    "  rsbs r3, r3, #0\n"
    "  b 2f\n"
    "1:\n"
    "  nnq_column\n"
    "2:\n"
    "  lsls r0, r3, #29\n"
    "  bne 1b\n"
    "  cmp r3, #0\n"
    "  beq 4f\n"
    "3:\n"
    "  .rept 8\n"
    "  nnq_column\n"
    "  .endr\n"
    "  bmi 3b\n"
    "4:\n"
    "  ldr r0, [sp, #16]\n"
    "  mov r4, r8\n"
    "  mov r5, r9\n"
    "  mov r6, r10\n"
    "  mov r7, r11\n"
    "  stm r0!, {r4-r7}\n"
    "  pop {r4-r7}\n"
    "  mov r8, r4\n"
    "  mov r9, r5\n"
    "  mov r10, r6\n"
    "  mov r11, r7\n"
    "  pop {r0, r4-r7, pc}\n"
    "  .size nnq_dot_rows, . - nnq_dot_rows\n"
    "  .purgem nnq_column\n"
    "  .text\n");

/* x, but at least 0, without a branch. */
static inline int32_t not_negative(int32_t x) { return x & ~(x >> 31); }

/* The codes of four rows. Not part of the function below, whose frame lies under that of the dot
 * product. */
NNQ_OWN_FRAME static void finish_rows(quads *all, const int32_t *sums) {
  const nnq_word *multiplier = (const nnq_word *)(const void *)all->multiplier;
  const uint8_t *shift = all->shift;
  int8_t *y = all->y;
  const int32_t low = all->low, rounding = all->rounding - 2 * low;
  for (const int32_t *end = sums + 4; sums < end;) {
    int32_t high = nnq_high_product(*sums++, (int32_t)*multiplier++);
    int32_t above = not_negative(((high >> (*shift++ - 33)) + rounding) >> 1);
    *y++ = (int8_t)(INT8_MAX - not_negative(INT8_MAX - low - above));
  }
  all->weights += 4 * all->inputs;
  all->bias += 16;
  all->multiplier += 16;
  all->shift = shift;
  all->y = y;
}

void nnq_dense_quads(quads *all) {
  for (; all->count > 0; all->count--) {
    const nnq_word *bias = (const nnq_word *)(const void *)all->bias;
    int32_t sums[4] = {(int32_t)bias[0], (int32_t)bias[1], (int32_t)bias[2], (int32_t)bias[3]};
    nnq_dot_rows(sums, (const int8_t *)all->weights, all->x, all->inputs);
    finish_rows(all, sums);
  }
}

#endif

/* True when every shift is 33 or more. */
static int are_large(const uint8_t *shift, uint32_t count) {
  for (; count >= 4; count -= 4, shift += 4) {
    if ((~(nnq_u32(shift) + UINT32_C(0x5F5F5F5F)) & UINT32_C(0x80808080)) != 0) return 0;
  }
  while (count > 0) {
    if (shift[--count] < 33) return 0;
  }
  return 1;
}

int nnq_takes_quads(const nnq_node *node) {
  const uint32_t outputs = nnq_node_outputs(node);
  return !nnq_has_4_bit_weights(node) && nnq_is_narrow(node->input_bits) &&
         nnq_is_narrow(nnq_node_output_bits(node)) && nnq_table_kind(node) == NNQ_NO_TABLE &&
         nnq_node_high(node) == INT8_MAX && outputs >= 4 &&
         are_large(nnq_node_rows(node).shift, outputs);
}

void nnq_dense_thumb(const nnq_node *node, const int8_t *x, int8_t *y) {
  const uint32_t inputs = nnq_node_inputs(node), outputs = nnq_node_outputs(node);
  const nnq_rows rows = nnq_node_rows(node);
  quads all = {rows.weights, x, inputs, rows.bias, rows.multiplier, rows.shift, y, outputs / 4,
               2 * nnq_node_zero_point(node) + 1, nnq_node_low(node)};
  nnq_dense_quads(&all);
  const uint32_t missing = (0 - outputs) & 3;
  if (missing == 0) return;
  /* The last four rows, some of them once more. */
  all.weights -= missing * inputs;
  all.bias -= 4 * missing;
  all.multiplier -= 4 * missing;
  all.shift -= missing;
  all.y -= missing;
  all.count = 1;
  nnq_dense_quads(&all);
}

#else
typedef int nnq_no_thumb;
#endif
