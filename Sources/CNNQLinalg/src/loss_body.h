// SPDX-License-Identifier: Apache-2.0
/* Losses and their slopes. Sums run in binary64 in a fixed order. */

/* ln(1 + x) for x in 0 ... 1 and ln(x) for x >= 1, in binary64: 2 artanh(s) with halvings before. */
INLINE double NAME(logarithm)(double x) {
  uint64_t bits;
  memcpy(&bits, &x, sizeof bits);
  /* The exponent that leaves a fraction in 0.707 ... 1.414. */
  const uint64_t shifted = bits + 0x00095f619980c433U;
  const double exponent = (double)((int64_t)(shifted >> 52) - 1023);
  bits -= (uint64_t)((int64_t)(shifted >> 52) - 1023) << 52;
  double fraction;
  memcpy(&fraction, &bits, sizeof fraction);
  const double s = (fraction - 1) / (fraction + 1);
  const double square = s * s;
  double series = 0;
  for (int odd = 21; odd >= 3; odd -= 2) series = (series + 1.0 / odd) * square;
  return exponent * 0x1.62e42fefa39efp-1 + (2 * s * series + 2 * s);
}

/* The loss of each difference goes to the place of its slope first: both loops become vectors. */
#define ERROR_LOOPS(LOSS, SLOPE)                                                                      \
  for (size_t i = 0; i < count; i++) {                                                                \
    const REAL d = y[i] - t[i];                                                                       \
    slope[i] = LOSS;                                                                                  \
  }                                                                                                   \
  const double sum = NAME(nnq_sum)(slope, count);                                                     \
  for (size_t i = 0; i < count; i++) {                                                                \
    const REAL d = y[i] - t[i];                                                                       \
    slope[i] = SLOPE;                                                                                 \
  }                                                                                                   \
  return sum

WIDE double NAME(nnq_squared_error)(const REAL *y, const REAL *t, REAL share, REAL *slope,
                                    size_t count) {
  ERROR_LOOPS(d * d, 2 * share * d);
}

WIDE double NAME(nnq_absolute_error)(const REAL *y, const REAL *t, REAL share, REAL *slope,
                                     size_t count) {
  ERROR_LOOPS(d < 0 ? -d : d, d < 0 ? -share : d > 0 ? share : d * 0);
}

WIDE double NAME(nnq_huber)(const REAL *y, const REAL *t, REAL delta, REAL share, REAL *slope,
                            size_t count) {
  ERROR_LOOPS(d < -delta  ? delta * (-d - delta / 2)
              : d > delta ? delta * (d - delta / 2)
                          : d * d / 2,
              share *(d < -delta ? -delta : d > delta ? delta : d));
}
#undef ERROR_LOOPS

WIDE double NAME(nnq_logistic_entropy)(const REAL *z, const REAL *t, const REAL *negative,
                                       const REAL *positive, REAL smoothing, REAL share, REAL *slope,
                                       size_t rows, size_t columns) {
  double sum = 0;
  for (size_t row = 0; row < rows; row++, z += columns, t += columns, slope += columns) {
    for (size_t i = 0; i < columns; i++) {
      const REAL weight = t[i] > (REAL)0.5 ? positive[i] : negative[i];
      const REAL target = t[i] * (1 - smoothing) + smoothing / 2;
      /* ln(1 + exp(z)) - target * z, written so that exp never overflows. */
      const REAL small = NAME(exp_nonpositive)(-NAME(magnitude)(z[i]));
      const double loss = (double)(z[i] < 0 ? 0 : z[i]) - (double)(z[i] * target)
                          + NAME(logarithm)(1 + (double)small);
      sum += (double)weight * loss;
      slope[i] = share * weight * (NAME(sigmoid_of)(z[i]) - target);
    }
  }
  return sum;
}

/* slope = exp(z - highest) and what is needed to make a softmax of it. */
INLINE REAL NAME(powers)(const REAL *z, REAL *slope, size_t columns, REAL *highest) {
  /* The highest logit is taken off first, so that exp never overflows. */
  REAL top = z[0];
  for (size_t i = 1; i < columns; i++) top = z[i] > top ? z[i] : top;
  for (size_t i = 0; i < columns; i++) slope[i] = NAME(exp_nonpositive)(z[i] - top);
  REAL total = 0;
  for (size_t i = 0; i < columns; i++) total += slope[i];
  *highest = top;
  return total;
}

WIDE double NAME(nnq_softmax_entropy)(const REAL *z, const REAL *t, const REAL *weights,
                                      REAL smoothing, REAL share, REAL *slope, size_t rows,
                                      size_t columns) {
  double sum = 0;
  const REAL spread = smoothing / (REAL)columns;
  REAL all = 0;
  for (size_t i = 0; i < columns; i++) all += weights[i];
  for (size_t row = 0; row < rows; row++, z += columns, slope += columns) {
    const size_t target = (size_t)t[row];
    REAL highest;
    const REAL total = NAME(powers)(z, slope, columns, &highest);
    const double norm = NAME(logarithm)((double)total);
    const REAL weight = (1 - smoothing) * weights[target];
    sum += (double)weight * (norm - (double)(z[target] - highest));
    const REAL factor = share * (weight + spread * all) / total;
    for (size_t i = 0; i < columns; i++) slope[i] *= factor;
    slope[target] -= share * weight;
    if (smoothing > 0) {
      for (size_t i = 0; i < columns; i++) {
        sum += (double)(spread * weights[i]) * (norm - (double)(z[i] - highest));
        slope[i] -= share * spread * weights[i];
      }
    }
  }
  return sum;
}

WIDE double NAME(nnq_likelihood)(const REAL *logs, const REAL *t, const REAL *weights, REAL smoothing,
                                 REAL share, REAL *slope, size_t rows, size_t columns) {
  double sum = 0;
  const REAL spread = smoothing / (REAL)columns;
  for (size_t row = 0; row < rows; row++, logs += columns, slope += columns) {
    const size_t target = (size_t)t[row];
    for (size_t i = 0; i < columns; i++) {
      const REAL weight = weights[i] * (spread + (i == target ? 1 - smoothing : 0));
      sum -= (double)(weight * logs[i]);
      slope[i] = -share * weight;
    }
  }
  return sum;
}

WIDE void NAME(nnq_log_softmax)(const REAL *z, REAL *y, size_t rows, size_t columns) {
  for (size_t row = 0; row < rows; row++, z += columns, y += columns) {
    REAL highest;
    const REAL total = NAME(powers)(z, y, columns, &highest);
    const REAL norm = (REAL)NAME(logarithm)((double)total);
    for (size_t i = 0; i < columns; i++) y[i] = z[i] - highest - norm;
  }
}

WIDE void NAME(nnq_log_softmax_back)(const REAL *y, const REAL *dy, REAL *dz, size_t rows,
                                     size_t columns) {
  for (size_t row = 0; row < rows; row++, y += columns, dy += columns, dz += columns) {
    REAL sum = 0;
    for (size_t i = 0; i < columns; i++) sum += dy[i];
    for (size_t i = 0; i < columns; i++) {
      const REAL share = NAME(exp_nonpositive)(y[i] > 0 ? 0 : y[i]);
      dz[i] = dy[i] - share * sum;
    }
  }
}
