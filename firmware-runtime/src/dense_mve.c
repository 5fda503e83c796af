/* SPDX-License-Identifier: Apache-2.0 */

/* Dense layers arranged for Helium: four rows at a time, sixteen columns a step. The loop's own
 * predication ends a row where its columns end, so that nothing past the input is read. */

#include "arranged.h"

#if NNQ_LAYOUT == 2

#include <arm_mve.h>

/* What stays the same over a layer. */
typedef struct constants {
  uint32_t inputs;
  int32_t zero_point;
  int32x4_t low;
  int32x4_t high;
} constants;

/* The codes of four rows; groups moves on to the next four. */
static inline int32x4_t next_rows(const constants *layer, const int8_t *x, const uint8_t **groups) {
  const uint8_t *w = *groups;
  int32_t a, b, c, d;
  int32x4_t code;
  __asm__(
      "  ldrd %[a], %[b], [%[w]], #8\n"
      "  ldrd %[c], %[d], [%[w]], #8\n"
      "  dlstp.8 lr, %[inputs]\n"
      "1:\n"
      "  vldrb.8 q0, [%[x]], #16\n"
      "  vldrb.8 q1, [%[w]], #16\n"
      "  vldrb.8 q2, [%[w]], #16\n"
      "  vmladava.s8 %[a], q0, q1\n"
      "  vldrb.8 q1, [%[w]], #16\n"
      "  vmladava.s8 %[b], q0, q2\n"
      "  vldrb.8 q2, [%[w]], #16\n"
      "  vmladava.s8 %[c], q0, q1\n"
      "  vmladava.s8 %[d], q0, q2\n"
      "  letp lr, 1b\n"
      "  vmov %q[code][2], %q[code][0], %[a], %[c]\n"
      "  vmov %q[code][3], %q[code][1], %[b], %[d]\n"
      : [a] "=&Te"(a), [b] "=&Te"(b), [c] "=&Te"(c), [d] "=&Te"(d), [x] "+r"(x), [w] "+r"(w),
        [code] "=w"(code)
      : [inputs] "r"(layer->inputs)
      : "lr", "q0", "q1", "q2", "memory");

  /* The upper half of a product, then a rounding shift to the right: ties go up. */
  code = vmulhq_s32(code, vldrwq_s32((const int32_t *)(const void *)w));
  code = vrshlq_s32(code, vldrbq_s32((const int8_t *)w + 16));
  *groups = w + 20;
  return vminq_s32(vmaxq_s32(vaddq_n_s32(code, layer->zero_point), layer->low), layer->high);
}

void nnq_dense_arranged(const nnq_node *node, const int8_t *x, int8_t *y) {
  const constants layer = {nnq_node_inputs(node), nnq_node_zero_point(node),
                       vdupq_n_s32(nnq_node_low(node)), vdupq_n_s32(nnq_node_high(node))};
  const uint32_t outputs = nnq_node_outputs(node);
  const uint8_t *groups = node->data;
  const int8_t *end = y + (outputs & ~UINT32_C(3));
  for (; y != end; y += NNQ_GROUP_ROWS) vstrbq_s32(y, next_rows(&layer, x, &groups));
  if ((outputs & 3) != 0) {
    vstrbq_p_s32(y, next_rows(&layer, x, &groups), vctp32q(outputs & 3));
  }
}

#else
typedef int nnq_no_mve;
#endif
