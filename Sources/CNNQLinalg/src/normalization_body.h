// SPDX-License-Identifier: Apache-2.0
/* Normalization over a row (layer) and over a column (batch). */

/* The sum of a row, and of the products of two rows. */
INLINE REAL NAME(row_sum)(const REAL *a, size_t count) { return (REAL)NAME(nnq_sum)(a, count); }

INLINE REAL NAME(row_product)(const REAL *a, const REAL *b, size_t count) {
  nnq_sums sums = {0};
  size_t i = 0;
  for (; i + 16 <= count; i += 16) {
    nnq_sums v;
    for (size_t j = 0; j < 16; j++) v[j] = (double)(a[i + j] * b[i + j]);
    sums += v;
  }
  for (size_t j = 0; i < count; i++, j++) sums[j] += (double)(a[i] * b[i]);
  return (REAL)nnq_total(&sums);
}

WIDE void NAME(nnq_layer_norm)(const REAL *x, const REAL *gamma, const REAL *beta, REAL epsilon,
                               REAL *y, REAL *mean, REAL *inverse, size_t rows, size_t columns) {
  for (size_t row = 0; row < rows; row++, x += columns, y += columns) {
    const REAL center = NAME(row_sum)(x, columns) / (REAL)columns;
    for (size_t i = 0; i < columns; i++) y[i] = x[i] - center;
    const REAL variance = NAME(row_product)(y, y, columns) / (REAL)columns;
    const REAL factor = 1 / ROOT(variance + epsilon);
    for (size_t i = 0; i < columns; i++) y[i] = gamma[i] * (y[i] * factor) + beta[i];
    mean[row] = center;
    inverse[row] = factor;
  }
}

WIDE void NAME(nnq_layer_norm_back)(const REAL *x, const REAL *gamma, const REAL *mean,
                                    const REAL *inverse, const REAL *dy, REAL *dx, size_t rows,
                                    size_t columns) {
  const REAL share = 1 / (REAL)columns;
  for (size_t row = 0; row < rows; row++, x += columns, dy += columns, dx += columns) {
    const REAL center = mean[row];
    const REAL factor = inverse[row];
    for (size_t i = 0; i < columns; i++) dx[i] = gamma[i] * dy[i];
    const REAL sum = NAME(row_sum)(dx, columns) * share;
    nnq_sums sums = {0};
    for (size_t i = 0; i < columns; i++) {
      sums[i % 16] += (double)(dx[i] * ((x[i] - center) * factor));
    }
    const REAL slope = (REAL)nnq_total(&sums) * share;
    for (size_t i = 0; i < columns; i++) {
      dx[i] = factor * (dx[i] - sum - (x[i] - center) * factor * slope);
    }
  }
}

WIDE void NAME(nnq_layer_norm_gradient)(const REAL *x, const REAL *mean, const REAL *inverse,
                                        const REAL *dy, REAL *dgamma, REAL *dbeta, size_t rows,
                                        size_t columns, int accumulate) {
  if (!accumulate) {
    memset(dgamma, 0, columns * sizeof(REAL));
    memset(dbeta, 0, columns * sizeof(REAL));
  }
  for (size_t row = 0; row < rows; row++, x += columns, dy += columns) {
    for (size_t i = 0; i < columns; i++) {
      dgamma[i] += dy[i] * ((x[i] - mean[row]) * inverse[row]);
      dbeta[i] += dy[i];
    }
  }
}

WIDE void NAME(nnq_column_moments)(const REAL *x, REAL *mean, REAL *variance, size_t rows,
                                   size_t columns) {
  const REAL share = 1 / (REAL)rows;
  memset(mean, 0, columns * sizeof(REAL));
  memset(variance, 0, columns * sizeof(REAL));
  for (size_t row = 0; row < rows; row++) {
    for (size_t i = 0; i < columns; i++) mean[i] += x[row * columns + i];
  }
  for (size_t i = 0; i < columns; i++) mean[i] *= share;
  for (size_t row = 0; row < rows; row++) {
    for (size_t i = 0; i < columns; i++) {
      const REAL distance = x[row * columns + i] - mean[i];
      variance[i] += distance * distance;
    }
  }
  for (size_t i = 0; i < columns; i++) variance[i] *= share;
}

WIDE void NAME(nnq_batch_norm)(const REAL *x, const REAL *gamma, const REAL *beta, const REAL *mean,
                               const REAL *inverse, REAL *y, size_t rows, size_t columns) {
  for (size_t row = 0; row < rows; row++, x += columns, y += columns) {
    for (size_t i = 0; i < columns; i++) {
      y[i] = gamma[i] * ((x[i] - mean[i]) * inverse[i]) + beta[i];
    }
  }
}

WIDE void NAME(nnq_batch_norm_gradient)(const REAL *x, const REAL *mean, const REAL *inverse,
                                        const REAL *dy, REAL *dgamma, REAL *dbeta, size_t rows,
                                        size_t columns, int accumulate) {
  if (!accumulate) {
    memset(dgamma, 0, columns * sizeof(REAL));
    memset(dbeta, 0, columns * sizeof(REAL));
  }
  for (size_t row = 0; row < rows; row++, x += columns, dy += columns) {
    for (size_t i = 0; i < columns; i++) {
      dgamma[i] += dy[i] * ((x[i] - mean[i]) * inverse[i]);
      dbeta[i] += dy[i];
    }
  }
}

WIDE void NAME(nnq_batch_norm_back)(const REAL *x, const REAL *gamma, const REAL *mean,
                                    const REAL *inverse, const REAL *dgamma, const REAL *dbeta,
                                    const REAL *dy, REAL *dx, size_t rows, size_t columns) {
  const REAL share = 1 / (REAL)rows;
  for (size_t row = 0; row < rows; row++, x += columns, dy += columns, dx += columns) {
    for (size_t i = 0; i < columns; i++) {
      const REAL place = (x[i] - mean[i]) * inverse[i];
      dx[i] = gamma[i] * inverse[i] * (dy[i] - share * (dbeta[i] + place * dgamma[i]));
    }
  }
}
