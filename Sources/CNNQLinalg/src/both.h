// SPDX-License-Identifier: Apache-2.0
/* Compiles the file BODY for float and for double. */
#include "math_real.h"

#define REAL float
#define NAME(name) name##_f32
#include BODY
#undef REAL
#undef NAME

#define REAL double
#define NAME(name) name##_f64
#include BODY
#undef REAL
#undef NAME
