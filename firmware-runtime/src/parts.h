/* SPDX-License-Identifier: Apache-2.0 */

/* What a build holds. A part is left out by defining its NNQ_NO_..., and everything that a device
 * can do without by NNQ_MINIMAL. nnq_load() refuses an image that needs what was left out. */

#ifndef NNQ_PARTS_H
#define NNQ_PARTS_H

/* For conditions: a branch on a constant 0 takes no code. */

#if defined(NNQ_NO_SIMD) || defined(NNQ_MINIMAL)
#define NNQ_HAS_SIMD 0
#else
#define NNQ_HAS_SIMD 1
#endif

/* Which layout of weights this build runs beside the portable one: 1 is for the DSP instructions of
 * Cortex-M4, M7 and M33, 2 for Helium. nnq_load() refuses the others by NNQ_ERROR_LAYOUT. */
#if defined(NNQ_LAYOUT)
/* A test of this machine names it. */
#elif defined(NNQ_NO_LAYOUT) || !defined(__GNUC__) || !defined(__thumb2__) || \
    __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#define NNQ_LAYOUT 0
#elif defined(__ARM_FEATURE_MVE)
#define NNQ_LAYOUT 2
#elif defined(__ARM_FEATURE_DSP)
#define NNQ_LAYOUT 1
#else
#define NNQ_LAYOUT 0
#endif

/* The plain dense layer, which a device does without whose images are arranged throughout. */
#if defined(NNQ_NO_PLAIN) && NNQ_LAYOUT != 0
#define NNQ_HAS_PLAIN 0
#else
#define NNQ_HAS_PLAIN 1
#endif

/* Assembly for a Cortex-M, unless the compiler is asked for small code. */
#if defined(__GNUC__) && defined(__thumb__) && !defined(__OPTIMIZE_SIZE__) && !defined(NNQ_NO_THUMB) && \
    !defined(NNQ_NO_PLAIN)
#define NNQ_HAS_THUMB 1
#else
#define NNQ_HAS_THUMB 0
#endif

#if defined(NNQ_NO_LAYER_NORM) || defined(NNQ_MINIMAL)
#define NNQ_HAS_LAYER_NORM 0
#else
#define NNQ_HAS_LAYER_NORM 1
#endif

#if defined(NNQ_NO_ADD) || defined(NNQ_MINIMAL)
#define NNQ_HAS_ADD 0
#else
#define NNQ_HAS_ADD 1
#endif

#if defined(NNQ_NO_GATE) || defined(NNQ_MINIMAL)
#define NNQ_HAS_GATE 0
#else
#define NNQ_HAS_GATE 1
#endif

#if defined(NNQ_NO_INT4) || defined(NNQ_MINIMAL)
#define NNQ_HAS_INT4 0
#else
#define NNQ_HAS_INT4 1
#endif

#if defined(NNQ_NO_INT16) || defined(NNQ_MINIMAL)
#define NNQ_HAS_INT16 0
#else
#define NNQ_HAS_INT16 1
#endif

#if defined(NNQ_NO_TABLES) || defined(NNQ_MINIMAL)
#define NNQ_HAS_TABLES 0
#else
#define NNQ_HAS_TABLES 1
#endif

#if defined(NNQ_NO_COUNTS) || defined(NNQ_MINIMAL)
#define NNQ_HAS_COUNTS 0
#else
#define NNQ_HAS_COUNTS 1
#endif

#if defined(NNQ_NO_SCORE) || defined(NNQ_MINIMAL)
#define NNQ_HAS_SCORE 0
#else
#define NNQ_HAS_SCORE 1
#endif

/* The self-test watches the layers. */
#if defined(NNQ_NO_SELFTEST) || defined(NNQ_NO_VISITOR) || defined(NNQ_MINIMAL)
#define NNQ_HAS_SELFTEST 0
#else
#define NNQ_HAS_SELFTEST 1
#endif

#if defined(NNQ_NO_VISITOR) || defined(NNQ_MINIMAL)
#define NNQ_HAS_VISITOR 0
#else
#define NNQ_HAS_VISITOR 1
#endif

#if defined(NNQ_NO_PROBABILITIES) || defined(NNQ_MINIMAL)
#define NNQ_HAS_PROBABILITIES 0
#else
#define NNQ_HAS_PROBABILITIES 1
#endif

#if defined(NNQ_NO_STATUS_NAMES) || defined(NNQ_MINIMAL)
#define NNQ_HAS_STATUS_NAMES 0
#else
#define NNQ_HAS_STATUS_NAMES 1
#endif

#if defined(NNQ_NO_CRC_TABLE) || defined(NNQ_MINIMAL)
#define NNQ_HAS_CRC_TABLE 0
#else
#define NNQ_HAS_CRC_TABLE 1
#endif

#endif
