// SPDX-License-Identifier: Apache-2.0
/* Elementary functions from basic operations, branch-free so that loops over them become vectors.
 * The includer defines REAL, WORD, NAME and the constants of the type; the end takes them back. */

/* exp(x) for x <= 0; 0 below the normal numbers; NaN stays. Within 2 units in the last place.
 *
 * part receives exp(r) - 1 and power 2^n of exp(x) = 2^n * exp(r), |r| <= ln(2)/2. */
INLINE void NAME(split_exp)(REAL x, REAL *part, REAL *power) {
  const REAL shifted = x * LOG2_E + ROUNDER;
  const REAL n = shifted - ROUNDER;
  const REAL r = (x - n * LN2_HIGH) - n * LN2_LOW;
  REAL series = EXP_TERMS[0];
  for (int i = 1; i < EXP_COUNT; i++) series = series * r + EXP_TERMS[i];
  *part = series * r;
  /* The low bits of the shifted number are n. */
  WORD bits;
  WORD base;
  const REAL rounder = ROUNDER;
  memcpy(&bits, &shifted, sizeof bits);
  memcpy(&base, &rounder, sizeof base);
  const WORD word = (bits - base + EXPONENT_BIAS) << FRACTION_BITS;
  memcpy(power, &word, sizeof word);
}

INLINE REAL NAME(exp_nonpositive)(REAL x) {
  REAL part;
  REAL power;
  NAME(split_exp)(x < LOWEST_EXP ? LOWEST_EXP : x, &part, &power);
  const REAL value = power + power * part;
  return x < LOWEST_EXP ? 0 : value;
}

INLINE REAL NAME(magnitude)(REAL x) { return x < 0 ? -x : x; }

/* From expm1(-2|x|), which keeps the digits of small x. Within 4 units in the last place. */
INLINE REAL NAME(tanh_of)(REAL x) {
  const REAL size = NAME(magnitude)(x);
  REAL part;
  REAL power;
  NAME(split_exp)(size > TANH_END ? -2 * TANH_END : -2 * size, &part, &power);
  const REAL less = power * part + (power - 1);
  const REAL value = -less / (2 + less);
  return x != x ? x : x < 0 ? -value : value;
}

INLINE REAL NAME(sigmoid_of)(REAL x) {
  const REAL e = NAME(exp_nonpositive)(-NAME(magnitude)(x));
  return (x >= 0 ? 1 : e) / (1 + e);
}

/* The Taylor series up to 1, from there 1 - exp(-x^2) * erfcx(x) with a Chebyshev fit of erfcx over
 * 1 / (1 + x / 2). */
INLINE REAL NAME(erf_of)(REAL x) {
  const REAL size = NAME(magnitude)(x);
  const REAL square = size * size;
  REAL series = ERF_TERMS[0];
  for (int i = 1; i < ERF_COUNT; i++) series = series * square + ERF_TERMS[i];
  const REAL small = size * series;
  const REAL t = 1 / (1 + size / 2);
  const REAL s = (t - ERFCX_MIDDLE) * ERFCX_STRETCH;
  REAL fit = ERFCX_TERMS[0];
  for (int i = 1; i < ERFCX_COUNT; i++) fit = fit * s + ERFCX_TERMS[i];
  const REAL large = size > ERF_END ? 1 : 1 - NAME(exp_nonpositive)(-square) * fit;
  const REAL value = size < 1 ? small : large;
  return x != x ? x : x < 0 ? -value : value;
}

#undef NAME
#undef REAL
#undef WORD
#undef LOG2_E
#undef ROUNDER
#undef LN2_HIGH
#undef LN2_LOW
#undef EXPONENT_BIAS
#undef FRACTION_BITS
#undef LOWEST_EXP
#undef TANH_END
#undef ERF_END
#undef EXP_TERMS
#undef EXP_COUNT
#undef ERF_TERMS
#undef ERF_COUNT
#undef ERFCX_TERMS
#undef ERFCX_COUNT
#undef ERFCX_MIDDLE
#undef ERFCX_STRETCH
