// SPDX-License-Identifier: Apache-2.0
/* Loops over whole vectors and over the columns of matrices. */

WIDE void NAME(nnq_add_bias)(const REAL *bias, REAL *y, size_t rows, size_t columns) {
  for (size_t row = 0; row < rows; row++, y += columns) {
    for (size_t i = 0; i < columns; i++) y[i] += bias[i];
  }
}

WIDE void NAME(nnq_add)(const REAL *a, const REAL *b, REAL *y, size_t count) {
  for (size_t i = 0; i < count; i++) y[i] = a[i] + b[i];
}

WIDE void NAME(nnq_accumulate)(const REAL *a, REAL *y, size_t count) {
  for (size_t i = 0; i < count; i++) y[i] += a[i];
}

WIDE void NAME(nnq_scale)(REAL factor, REAL *y, size_t count) {
  for (size_t i = 0; i < count; i++) y[i] *= factor;
}

WIDE void NAME(nnq_add_scaled)(const REAL *p, REAL factor, REAL *g, size_t count) {
  for (size_t i = 0; i < count; i++) g[i] += factor * p[i];
}

WIDE void NAME(nnq_clamp)(REAL limit, REAL *g, size_t count) {
  for (size_t i = 0; i < count; i++) g[i] = g[i] > limit ? limit : g[i] < -limit ? -limit : g[i];
}

/* A bijection of 32 bits whose results look random (C. Wellons, hash-prospector, 2018). */
INLINE uint32_t NAME(scramble)(uint32_t x) {
  x ^= x >> 16;
  x *= 0x7feb352dU;
  x ^= x >> 15;
  x *= 0x846ca68bU;
  x ^= x >> 16;
  return x;
}

WIDE void NAME(nnq_dropout)(uint32_t key, uint32_t threshold, REAL scale, uint32_t first,
                            const REAL *x, REAL *y, size_t count) {
  for (size_t i = 0; i < count; i++) {
    const uint32_t word = NAME(scramble)(NAME(scramble)(first + (uint32_t)i) + key);
    y[i] = word >= threshold ? x[i] * scale : 0;
  }
}

WIDE void NAME(nnq_sum_columns)(const REAL *x, size_t stride, size_t rows, size_t columns, REAL *sums,
                                int accumulate) {
  if (!accumulate) memset(sums, 0, columns * sizeof(REAL));
  for (size_t row = 0; row < rows; row++, x += stride) {
    for (size_t i = 0; i < columns; i++) sums[i] += x[i];
  }
}

#define SUM_OF(TERM)                                                                                  \
  nnq_sums sums = {0};                                                                                \
  size_t i = 0;                                                                                       \
  for (; i + 16 <= count; i += 16) {                                                                  \
    nnq_sums v;                                                                                       \
    for (size_t j = 0; j < 16; j++) v[j] = (double)x[i + j];                                          \
    sums += TERM;                                                                                     \
  }                                                                                                   \
  nnq_sums v = {0};                                                                                   \
  for (size_t j = 0; i < count; i++, j++) v[j] = (double)x[i];                                        \
  sums += TERM;                                                                                       \
  return nnq_total(&sums)

WIDE double NAME(nnq_sum)(const REAL *x, size_t count) { SUM_OF(v); }

WIDE double NAME(nnq_sum_squares)(const REAL *x, size_t count) { SUM_OF(v * v); }

#undef SUM_OF

WIDE void NAME(nnq_gather)(const float *x, const ptrdiff_t *rows, REAL *y, size_t count,
                           size_t columns) {
  for (size_t i = 0; i < count; i++, y += columns) {
    const float *const row = x + (size_t)rows[i] * columns;
    for (size_t j = 0; j < columns; j++) y[j] = (REAL)row[j];
  }
}
