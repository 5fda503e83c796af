// SPDX-License-Identifier: Apache-2.0
/* The functions of a layer's values and their derivatives. */

REAL NAME(nnq_exp_nonpositive)(REAL x) { return NAME(exp_nonpositive)(x); }
REAL NAME(nnq_tanh)(REAL x) { return NAME(tanh_of)(x); }
REAL NAME(nnq_sigmoid)(REAL x) { return NAME(sigmoid_of)(x); }
REAL NAME(nnq_erf)(REAL x) { return NAME(erf_of)(x); }

/* The standard normal distribution function and density. */
INLINE REAL NAME(normal_share)(REAL x) {
  return (REAL)0.5 * (1 + NAME(erf_of)(x * (REAL)0.70710678118654752440));
}
INLINE REAL NAME(normal_density)(REAL x) {
  return (REAL)0.39894228040143267794 * NAME(exp_nonpositive)(x * x * (REAL)-0.5);
}

/* The argument of the tanh form of GELU, and its derivative. */
INLINE REAL NAME(gelu_inner)(REAL x) {
  return (REAL)0.79788456080286535588 * (x + (REAL)0.044715 * x * x * x);
}
INLINE REAL NAME(gelu_inner_slope)(REAL x) {
  return (REAL)0.79788456080286535588 * (1 + (REAL)0.134145 * x * x);
}

/* f is a constant wherever this is inlined. Comparisons are such that a NaN stays one. */
INLINE REAL NAME(value)(nnq_function f, REAL slope, REAL x) {
  switch (f) {
  case NNQ_RELU: return x < 0 ? 0 : x;
  case NNQ_TANH: return NAME(tanh_of)(x);
  case NNQ_SIGMOID: return NAME(sigmoid_of)(x);
  case NNQ_LEAKY_RELU: return x < 0 ? slope * x : x;
  case NNQ_RELU6: return x < 0 ? 0 : x > 6 ? 6 : x;
  case NNQ_GELU: return x * NAME(normal_share)(x);
  case NNQ_GELU_TANH: return (REAL)0.5 * x * (1 + NAME(tanh_of)(NAME(gelu_inner)(x)));
  case NNQ_SILU: return x * NAME(sigmoid_of)(x);
  case NNQ_HARD_SWISH: return x * (x < -3 ? 0 : x > 3 ? 6 : x + 3) / 6;
  default: return x;
  }
}

/* The derivative, of the function's value v up to NNQ_RELU6 and of its argument v from NNQ_GELU on. */
INLINE REAL NAME(derivative)(nnq_function f, REAL slope, REAL v) {
  switch (f) {
  case NNQ_RELU: return v > 0 ? 1 : 0;
  case NNQ_TANH: return 1 - v * v;
  case NNQ_SIGMOID: return v * (1 - v);
  case NNQ_LEAKY_RELU: return v < 0 ? slope : 1;
  case NNQ_RELU6: return v > 0 && v < 6 ? 1 : 0;
  case NNQ_GELU: return NAME(normal_share)(v) + v * NAME(normal_density)(v);
  case NNQ_GELU_TANH: {
    const REAL t = NAME(tanh_of)(NAME(gelu_inner)(v));
    return (REAL)0.5 * (1 + t + v * (1 - t * t) * NAME(gelu_inner_slope)(v));
  }
  case NNQ_SILU: {
    const REAL s = NAME(sigmoid_of)(v);
    return s * (1 + v * (1 - s));
  }
  case NNQ_HARD_SWISH: return v < -3 ? 0 : v > 3 ? 1 : v / 3 + (REAL)0.5;
  default: return 1;
  }
}

/* The derivative for a function's argument. */
INLINE REAL NAME(derivative_at)(nnq_function f, REAL slope, REAL x) {
  /* A leaky slope below 0 would hide the sign of the argument, and so the value is not asked. */
  if (f >= NNQ_GELU || f == NNQ_LEAKY_RELU) return NAME(derivative)(f, slope, x);
  return NAME(derivative)(f, slope, NAME(value)(f, slope, x));
}

/* One loop for each function, so that none has a branch inside. */
#define EACH_FUNCTION(LOOP)                                                                           \
  switch (f) {                                                                                        \
  case NNQ_RELU: LOOP(NNQ_RELU); break;                                                               \
  case NNQ_TANH: LOOP(NNQ_TANH); break;                                                               \
  case NNQ_SIGMOID: LOOP(NNQ_SIGMOID); break;                                                         \
  case NNQ_LEAKY_RELU: LOOP(NNQ_LEAKY_RELU); break;                                                   \
  case NNQ_RELU6: LOOP(NNQ_RELU6); break;                                                             \
  case NNQ_GELU: LOOP(NNQ_GELU); break;                                                               \
  case NNQ_GELU_TANH: LOOP(NNQ_GELU_TANH); break;                                                     \
  case NNQ_SILU: LOOP(NNQ_SILU); break;                                                               \
  case NNQ_HARD_SWISH: LOOP(NNQ_HARD_SWISH); break;                                                   \
  default: LOOP(NNQ_IDENTITY); break;                                                                 \
  }

WIDE void NAME(nnq_activate)(nnq_function f, REAL slope, const REAL *z, REAL *y, size_t count) {
#define LOOP(F)                                                                                       \
  if (z == y) {                                                                                       \
    for (size_t i = 0; i < count; i++) y[i] = NAME(value)(F, slope, y[i]);                            \
  } else {                                                                                            \
    for (size_t i = 0; i < count; i++) y[i] = NAME(value)(F, slope, z[i]);                            \
  }
  EACH_FUNCTION(LOOP)
#undef LOOP
}

WIDE void NAME(nnq_activate_back)(nnq_function f, REAL slope, const REAL *from, REAL *dy,
                                  size_t count) {
  if (f == NNQ_IDENTITY) return;
#define LOOP(F)                                                                                       \
  for (size_t i = 0; i < count; i++) dy[i] *= NAME(derivative)(F, slope, from[i])
  EACH_FUNCTION(LOOP)
#undef LOOP
}

WIDE void NAME(nnq_gate)(nnq_function f, REAL slope, const REAL *x, REAL *y, size_t rows, size_t h) {
  for (size_t row = 0; row < rows; row++, x += 2 * h, y += h) {
#define LOOP(F)                                                                                       \
  for (size_t i = 0; i < h; i++) y[i] = NAME(value)(F, slope, x[i]) * x[h + i]
    EACH_FUNCTION(LOOP)
#undef LOOP
  }
}

WIDE void NAME(nnq_gate_back)(nnq_function f, REAL slope, const REAL *x, const REAL *dy, REAL *dx,
                              size_t rows, size_t h) {
  for (size_t row = 0; row < rows; row++, x += 2 * h, dx += 2 * h, dy += h) {
#define LOOP(F)                                                                                       \
  for (size_t i = 0; i < h; i++) {                                                                    \
    dx[i] = dy[i] * x[h + i] * NAME(derivative_at)(F, slope, x[i]);                                   \
    dx[h + i] = dy[i] * NAME(value)(F, slope, x[i]);                                                  \
  }
    EACH_FUNCTION(LOOP)
#undef LOOP
  }
}
#undef EACH_FUNCTION
