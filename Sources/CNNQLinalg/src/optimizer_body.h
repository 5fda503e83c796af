// SPDX-License-Identifier: Apache-2.0
/* The steps of the optimizers, one pass over the parameters each. */

WIDE void NAME(nnq_adamw)(REAL *p, const REAL *g, REAL *m, REAL *v, REAL rate, REAL inverse,
                          REAL decay, REAL first, REAL second, REAL epsilon, size_t count) {
  const REAL a = 1 - first;
  const REAL b = 1 - second;
  for (size_t i = 0; i < count; i++) {
    const REAL mean = m[i] + a * (g[i] - m[i]);
    const REAL square = v[i] + b * (g[i] * g[i] - v[i]);
    const REAL root = ROOT(square * inverse);
    m[i] = mean;
    v[i] = square;
    p[i] = p[i] - (decay * p[i] + rate * mean / (root + epsilon));
  }
}

WIDE void NAME(nnq_sgd)(REAL *p, const REAL *g, REAL *velocity, REAL rate, REAL momentum,
                        size_t count) {
  for (size_t i = 0; i < count; i++) {
    const REAL speed = momentum * velocity[i] + g[i];
    velocity[i] = speed;
    p[i] = p[i] - rate * speed;
  }
}
