// SPDX-License-Identifier: Apache-2.0
/* The elementary functions in both types.
 *
 * The terms of exp and erf are those of their Taylor series, rounded; those of erfcx(x) =
 * exp(x^2) * erfc(x) are a Chebyshev fit in s = (1 / (1 + x/2) - middle) * stretch over 1 ... 4
 * (binary32) and 1 ... 6 (binary64), computed with 40 digits by mpmath's chebyfit. */
#ifndef NNQ_MATH_REAL_H
#define NNQ_MATH_REAL_H

#include "real.h"

static const float exp_terms_f32[7] = {
    0x1.a01a020000000p-13f, 0x1.6c16c20000000p-10f, 0x1.1111120000000p-7f,
    0x1.5555560000000p-5f, 0x1.5555560000000p-3f, 0x1.0000000000000p-1f, 0x1.0000000000000p+0f};
static const float erf_terms_f32[11] = {
    0x1.fcc5720000000p-27f, -0x1.5f742e0000000p-23f, 0x1.b9e6ca0000000p-20f,
    -0x1.f4d25c0000000p-17f, 0x1.f9a3260000000p-14f, -0x1.c02db40000000p-11f,
    0x1.565bce0000000p-8f, -0x1.b82ce40000000p-6f, 0x1.ce2f220000000p-4f,
    -0x1.8127460000000p-2f, 0x1.20dd760000000p+0f};
static const float erfcx_terms_f32[9] = {
    0x1.0533ee0000000p-27f, 0x1.cd46820000000p-22f, -0x1.3820980000000p-20f,
    -0x1.e2e07a0000000p-16f, 0x1.8297640000000p-15f, 0x1.7f67080000000p-9f,
    0x1.b7ece20000000p-6f, 0x1.23a0240000000p-3f, 0x1.0586720000000p-2f};
static const float erfcx_middle_f32 = 0x1.0000000000000p-1f;
static const float erfcx_stretch_f32 = 0x1.8000000000000p+2f;

static const double exp_terms_f64[13] = {
    0x1.6124613a86d09p-33, 0x1.1eed8eff8d898p-29, 0x1.ae64567f544e4p-26, 0x1.27e4fb7789f5cp-22,
    0x1.71de3a556c734p-19, 0x1.a01a01a01a01ap-16, 0x1.a01a01a01a01ap-13, 0x1.6c16c16c16c17p-10,
    0x1.1111111111111p-7, 0x1.5555555555555p-5, 0x1.5555555555555p-3, 0x1.0000000000000p-1,
    0x1.0000000000000p+0};
static const double erf_terms_f64[19] = {
    0x1.5f7919bc67b8cp-58, -0x1.a2007af3447f6p-54, 0x1.d70b3537f4765p-50,
    -0x1.f56f071a885cfp-46, 0x1.f683ae4a97007p-42, -0x1.d8453cb0c46eap-38,
    0x1.9e6ad5e55a730p-34, -0x1.51d7181c5d36dp-30, 0x1.fcc5720624c1cp-27,
    -0x1.5f742ec43e71ap-23, 0x1.b9e6c9dc651a3p-20, -0x1.f4d25c3e0c2ebp-17,
    0x1.f9a326f9b89b7p-14, -0x1.c02db40040b86p-11, 0x1.565bcd0e6a53fp-8, -0x1.b82ce31288b51p-6,
    0x1.ce2f21a042be2p-4, -0x1.812746b0379e7p-2, 0x1.20dd750429b6dp+0};
static const double erfcx_terms_f64[19] = {
    0x1.5a1b173683edep-46, 0x1.400d2cef4e0e0p-43, -0x1.1eafab637b6fep-40,
    -0x1.1e639546ec2f5p-43, 0x1.87ec95f1a378fp-36, -0x1.43d110af9e194p-34,
    -0x1.27951f0e122a6p-32, 0x1.68a4908883055p-29, -0x1.438d031d04ed6p-31,
    -0x1.2ce04da86e7c5p-24, 0x1.5f1cb8479d6fep-23, 0x1.09b139e71b929p-19,
    -0x1.ec9d234b29105p-18, -0x1.52ddf80153e70p-14, 0x1.9d6e4a4675652p-13, 0x1.6e44c72762f06p-8,
    0x1.3be3609c853acp-5, 0x1.4b8edae15a041p-3, 0x1.c57cd9cd3f3a9p-3};
static const double erfcx_middle_f64 = 0x1.d555555555555p-2;
static const double erfcx_stretch_f64 = 0x1.3333333333333p+2;

#define NAME(name) name##_f32
#define REAL float
#define WORD uint32_t
#define LOG2_E 0x1.7154760000000p+0f
#define ROUNDER 0x1.8p23f
#define LN2_HIGH 0x1.62e4000000000p-1f
#define LN2_LOW 0x1.7f7d1c0000000p-20f
#define EXPONENT_BIAS 127
#define FRACTION_BITS 23
#define LOWEST_EXP -87.0f
#define TANH_END 9.5f
#define ERF_END 4.0f
#define EXP_TERMS exp_terms_f32
#define EXP_COUNT 7
#define ERF_TERMS erf_terms_f32
#define ERF_COUNT 11
#define ERFCX_TERMS erfcx_terms_f32
#define ERFCX_COUNT 9
#define ERFCX_MIDDLE erfcx_middle_f32
#define ERFCX_STRETCH erfcx_stretch_f32
#include "math_body.h"

#define NAME(name) name##_f64
#define REAL double
#define WORD uint64_t
#define LOG2_E 0x1.71547652b82fep+0
#define ROUNDER 0x1.8p52
#define LN2_HIGH 0x1.62e42fefa3000p-1
#define LN2_LOW 0x1.3de6af278ece6p-42
#define EXPONENT_BIAS 1023
#define FRACTION_BITS 52
#define LOWEST_EXP -708.0
#define TANH_END 20.0
#define ERF_END 6.0
#define EXP_TERMS exp_terms_f64
#define EXP_COUNT 13
#define ERF_TERMS erf_terms_f64
#define ERF_COUNT 19
#define ERFCX_TERMS erfcx_terms_f64
#define ERFCX_COUNT 19
#define ERFCX_MIDDLE erfcx_middle_f64
#define ERFCX_STRETCH erfcx_stretch_f64
#include "math_body.h"

#endif
