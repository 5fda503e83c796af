/* SPDX-License-Identifier: Apache-2.0 */

/* Compares the assembly of a CPU with the scalar code, bit for bit, on dense layers of all shapes
 * 1 ... 64 x 1 ... 64, every STEP-th of them. It arranges the weights by itself, so that a fault of
 * the exporter would not be repeated here. */

#include "arranged.h"
#include "layer.h"
#include "machine.h"

#ifndef STEP
#define STEP 1
#endif

enum { LARGEST = 64 };

static uint8_t record[NNQ_RECORD_BYTES] __attribute__((aligned(4)));
static uint8_t plain[16 * LARGEST + LARGEST * LARGEST] __attribute__((aligned(4)));
static int8_t x[LARGEST + 1], expected[LARGEST + 1], found[LARGEST + 1];
static uint32_t state = 1;

static uint32_t next(void) {
  state ^= state << 13;
  state ^= state >> 17;
  state ^= state << 5;
  return state >> 8;
}

static void put16(uint8_t *at, int32_t number) {
  at[0] = (uint8_t)number;
  at[1] = (uint8_t)(number >> 8);
}

static void put32(uint8_t *at, int32_t number) {
  put16(at, number);
  put16(at + 2, number >> 16);
}

/* A layer whose clamp and shifts are now and then unusual; arranged ones have shifts from 33 on. */
static void make_layer(nnq_node *node, uint32_t inputs, uint32_t outputs, int is_arranged) {
  for (uint32_t i = 0; i < NNQ_RECORD_BYTES; i++) record[i] = 0;
  record[0] = NNQ_OPERATION_DENSE;
  record[1] = record[2] = 8;
  put16(record + 8, (int32_t)inputs);
  put16(record + 10, (int32_t)outputs);
  int32_t zero_point = (int32_t)(next() & 255) - 128;
  int is_odd = (next() & 7) == 0;
  put16(record + 12, zero_point);
  put16(record + 14, (next() & 1) != 0 ? zero_point : -128);
  put16(record + 16, is_odd && zero_point < 100 ? 100 : 127);
  nnq_node_open(node, record, plain, 8);
  uint32_t shift = (inputs > 16 ? 37u : 36u) + next() % 3;
  for (uint32_t o = 0; o < outputs; o++) {
    uint8_t *bias = plain + 4 * o;
    put32(bias, (int32_t)(next() & 0xFFFF) - 0x8000);
    put32(bias + 4 * outputs, (int32_t)(UINT32_C(1) << 30 | next() << 6));
    plain[8 * outputs + o] = (uint8_t)(!is_arranged && is_odd && o % 5 == 4 ? 31 : shift);
  }
  int is_extreme = (next() & 7) == 0;
  uint8_t *weights = plain + 8 * outputs + nnq_pad4(outputs);
  for (uint32_t i = 0; i < inputs * outputs; i++) {
    int32_t weight = (int32_t)(next() % 255) - 127;
    if (is_extreme) weight = (next() & 1) != 0 ? 127 : -127;
    weights[i] = (uint8_t)weight;
  }
  for (uint32_t i = 0; i < inputs; i++) {
    int32_t code = (int32_t)(next() & 255) - 128;
    if (is_extreme) code = (next() & 1) != 0 ? 127 : -128;
    x[i] = (int8_t)code;
  }
}

static uint32_t differs(uint32_t outputs) {
  uint32_t any = found[outputs] != 0x55; /* nothing past the end is written */
  for (uint32_t o = 0; o < outputs; o++) any |= found[o] != expected[o];
  return any;
}

static void clear(void) {
  for (uint32_t o = 0; o <= LARGEST; o++) found[o] = 0x55;
}

#if NNQ_LAYOUT

static uint8_t arranged[NNQ_GROUP_REST_BYTES * LARGEST / 4 + LARGEST * LARGEST]
    __attribute__((aligned(4)));

static int32_t weight_at(const nnq_node *node, uint32_t row, uint32_t column) {
  if (row >= nnq_node_outputs(node) || column >= nnq_node_inputs(node)) return 0;
  return (int8_t)nnq_node_rows(node).weights[row * nnq_node_inputs(node) + column];
}

static void arrange(const nnq_node *node) {
  nnq_rows rows = nnq_node_rows(node);
  uint8_t *to = arranged;
  for (uint32_t first = 0; first < nnq_node_outputs(node); first += 4) {
    int32_t bias[4], multiplier[4];
    uint32_t shift[4];
    for (uint32_t r = 0; r < 4; r++) {
      int is_there = first + r < nnq_node_outputs(node);
      bias[r] = is_there ? nnq_i32(rows.bias + 4 * (first + r)) : 0;
      multiplier[r] = is_there ? nnq_i32(rows.multiplier + 4 * (first + r)) : INT32_C(1) << 30;
      shift[r] = is_there ? rows.shift[first + r] : 33;
    }
    uint32_t columns = nnq_arranged_columns(nnq_node_inputs(node));
#if NNQ_LAYOUT == 1
    static const uint8_t order[4] = {0, 2, 1, 3};
    put32(to, bias[0]), put32(to + 4, bias[2]), to += 8;
    for (uint32_t column = 0; column < columns; column += 4) {
      for (uint32_t pair = 0; pair < 4; pair += 2) {
        for (uint32_t i = 0; i < 4; i++, to += 2) {
          put16(to, 256 * weight_at(node, first + pair + 1, column + order[i]) +
                        weight_at(node, first + pair, column + order[i]));
        }
      }
    }
    put32(to, bias[1]), put32(to + 4, bias[3]), to += 8;
#else
    for (uint32_t r = 0; r < 4; r++, to += 4) put32(to, bias[r]);
    for (uint32_t column = 0; column < columns; column += 16) {
      for (uint32_t r = 0; r < 4; r++) {
        for (uint32_t i = 0; i < 16; i++) *to++ = (uint8_t)weight_at(node, first + r, column + i);
      }
    }
#endif
    for (uint32_t r = 0; r < 4; r++, to += 4) put32(to, multiplier[r]);
    for (uint32_t r = 0; r < 4; r++) {
      *to++ = (uint8_t)(NNQ_LAYOUT == 1 ? shift[r] - 33 : 32 - shift[r]);
    }
  }
}

static uint32_t compare_arranged(nnq_node *node) {
  arrange(node);
  node->data = arranged;
  record[5] = 1;
#if NNQ_LAYOUT == 1
  static uint32_t wide[LARGEST / 2];
  node->wide_end = wide + LARGEST / 2;
#endif
  if (nnq_check_arranged(node) != NNQ_OK) return 1;
  clear();
  nnq_dense_arranged(node, x, found);
  return differs(nnq_node_outputs(node));
}

#endif

int main(void) {
  uint32_t shapes = 0, differences = 0, quads = 0;
  for (uint32_t shape = 0; shape < LARGEST * LARGEST; shape += STEP) {
    uint32_t inputs = 1 + shape % LARGEST, outputs = 1 + shape / LARGEST;
    nnq_node node;
    make_layer(&node, inputs, outputs, 0);
    nnq_dense_run(&node, x, expected);
#if NNQ_HAS_THUMB
    if (nnq_takes_quads(&node)) {
      clear();
      nnq_dense_thumb(&node, x, found);
      differences += differs(outputs);
      quads++;
    }
#endif
#if NNQ_LAYOUT
    make_layer(&node, inputs, outputs, 1);
    nnq_dense_run(&node, x, expected);
    differences += compare_arranged(&node);
#endif
    shapes++;
  }
  machine_print("shapes", shapes);
  machine_print("quads", quads);
  machine_print("differences", differences);
  return differences != 0;
}
