/* SPDX-License-Identifier: Apache-2.0 */

/* What is proved: the shipped sources, included as they are. The functions that are static in them are
 * declared before, so that each is there by itself; those that have a contract stay calls where they
 * are called. Nothing here computes anything. */

#include <stdint.h>

#include "nnq.h"

#define SHOWN __attribute__((used))
#define KEPT __attribute__((noinline, used))

struct nnq_node;
struct statistics;

static inline int32_t nnq_clamp(int64_t x, int32_t low, int32_t high) SHOWN;
static uint32_t quotient(uint64_t x, uint32_t y) SHOWN;
static nnq_status check_row(const struct nnq_node *node, const uint8_t *row, int32_t bias) SHOWN;

static inline int64_t nnq_asr64(int64_t x, uint32_t shift) KEPT;
static inline int64_t nnq_requantize(int32_t x, int32_t multiplier, uint32_t shift) KEPT;
static inline int64_t nnq_product(int32_t x, int32_t multiplier) KEPT;
static inline int32_t nnq_scaled_code(int64_t product, uint32_t shift, int32_t zero_point,
                                      int32_t low, int32_t high) KEPT;
static inline int32_t nnq_table16(const uint8_t *table, int32_t code) KEPT;
static inline void nnq_finish(const struct nnq_node *node, void *y, uint32_t o, int32_t sum,
                              const uint8_t *multiplier, uint32_t shift) KEPT;

static int32_t dot8(int32_t sum, const int8_t *weights, const int8_t *x, uint32_t count) KEPT;
static int32_t dot16(int32_t sum, const int8_t *weights, const int16_t *x, uint32_t count) KEPT;
static int32_t dot4(int32_t sum, const uint8_t *weights, const void *x, uint32_t bits,
                    uint32_t count) KEPT;

static uint64_t scaled_by(uint32_t n, uint64_t x) KEPT;
static void measure(const struct nnq_node *node, const void *x, struct statistics *all) KEPT;
static uint32_t square_root(uint64_t x) KEPT;
static int32_t normalized(const struct statistics *all, uint32_t n, int32_t code) KEPT;
static void finish(const struct nnq_node *node, void *y, uint32_t i, int32_t z) KEPT;

#include "../src/add.c"
#include "../src/counts.c"
#include "../src/crc32c.c"
#include "../src/dense_scalar.c"
#include "../src/gate.c"
#include "../src/layer.c"
#include "../src/layer_norm.c"
#include "../src/network.c"
#include "../src/rules.c"
