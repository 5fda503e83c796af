/* SPDX-License-Identifier: Apache-2.0 */

/* What is proved: the shipped sources, included as they are, with names for the parts that are
 * static in them. Nothing here computes anything. */

#define run nnq_run_static
#include "../src/add.c"
#include "../src/counts.c"
#include "../src/crc32c.c"
#include "../src/dense_scalar.c"
#include "../src/gate.c"
#include "../src/layer.c"
#include "../src/layer_norm.c"
#include "../src/network.c"
#include "../src/rules.c"

int64_t prove_requantize(int32_t x, int32_t m, uint32_t s) { return nnq_requantize(x, m, s); }

int32_t prove_clamp(int64_t x, int32_t low, int32_t high) { return nnq_clamp(x, low, high); }

int32_t prove_scaled_code(int64_t product, uint32_t s, int32_t zero_point, int32_t low,
                          int32_t high) {
  return nnq_scaled_code(product, s, zero_point, low, high);
}

int32_t prove_table16(const uint8_t *table, int32_t code) { return nnq_table16(table, code); }

void prove_finish(const nnq_node *node, void *y, int32_t sum, const uint8_t *multiplier,
                  uint32_t shift) {
  nnq_finish(node, y, 0, sum, multiplier, shift);
}

int32_t prove_dot8(int32_t sum, const int8_t *w, const int8_t *x, uint32_t count) {
  return dot8(sum, w, x, count);
}

int32_t prove_dot16(int32_t sum, const int8_t *w, const int16_t *x, uint32_t count) {
  return dot16(sum, w, x, count);
}

int32_t prove_dot4_narrow(int32_t sum, const uint8_t *w, const void *x, uint32_t count) {
  return dot4(sum, w, x, 8, count);
}

int32_t prove_dot4_wide(int32_t sum, const uint8_t *w, const void *x, uint32_t count) {
  return dot4(sum, w, x, 16, count);
}

nnq_status prove_check_row(const nnq_node *node, const uint8_t *row, int32_t bias) {
  return check_row(node, row, bias);
}
