// SPDX-License-Identifier: Apache-2.0
/* The loops of the trainer, each in binary32 (_f32) and binary64 (_f64).
 *
 * Every result is defined by additions, multiplications, divisions and square roots in a fixed order,
 * without contraction: the same bits on every CPU, whatever the width of its vectors. Matrices are
 * stored row after row; no output overlaps an input unless a function says so. */
#ifndef NNQ_LINALG_H
#define NNQ_LINALG_H

#include <stddef.h>
#include <stdint.h>

/* The functions of a layer's values. The first six can be differentiated from their results. */
typedef enum nnq_function {
  NNQ_IDENTITY = 0,
  NNQ_RELU = 1,
  NNQ_TANH = 2,
  NNQ_SIGMOID = 3,
  NNQ_LEAKY_RELU = 4,
  NNQ_RELU6 = 5,
  NNQ_GELU = 6,
  NNQ_GELU_TANH = 7,
  NNQ_SILU = 8,
  NNQ_HARD_SWISH = 9
} nnq_function;

#define NNQ_LINALG_FUNCTIONS(REAL, NAME)                                                              \
  /* c[m][n] = op(a)[m][k] * op(b)[k][n], or added to c. op transposes where the flag is set; lda and \
   * ldb are the distances of stored rows. Each element is summed over k in order. */                 \
  void NAME(nnq_product)(const REAL *a, size_t lda, int a_transposed, const REAL *b, size_t ldb,      \
                         int b_transposed, REAL *c, size_t ldc, size_t m, size_t n, size_t k,         \
                         int accumulate);                                                             \
  REAL NAME(nnq_exp_nonpositive)(REAL x);                                                             \
  REAL NAME(nnq_tanh)(REAL x);                                                                        \
  REAL NAME(nnq_sigmoid)(REAL x);                                                                     \
  REAL NAME(nnq_erf)(REAL x);                                                                         \
  /* y[rows][columns] += bias[columns] */                                                             \
  void NAME(nnq_add_bias)(const REAL *bias, REAL *y, size_t rows, size_t columns);                    \
  /* y = f(z); y may be z. */                                                                         \
  void NAME(nnq_activate)(nnq_function f, REAL slope, const REAL *z, REAL *y, size_t count);          \
  /* dy *= f'; `from` holds f's results, from NNQ_GELU on its arguments. */                           \
  void NAME(nnq_activate_back)(nnq_function f, REAL slope, const REAL *from, REAL *dy, size_t count); \
  /* y[rows][h] = f(x[rows][0..<h]) * x[rows][h..<2h] */                                              \
  void NAME(nnq_gate)(nnq_function f, REAL slope, const REAL *x, REAL *y, size_t rows, size_t h);     \
  void NAME(nnq_gate_back)(nnq_function f, REAL slope, const REAL *x, const REAL *dy, REAL *dx,       \
                           size_t rows, size_t h);                                                    \
  /* y = a + b */                                                                                     \
  void NAME(nnq_add)(const REAL *a, const REAL *b, REAL *y, size_t count);                            \
  /* y += a */                                                                                        \
  void NAME(nnq_accumulate)(const REAL *a, REAL *y, size_t count);                                    \
  void NAME(nnq_scale)(REAL factor, REAL *y, size_t count);                                           \
  /* Keeps element i of the stream `key` where its random word reaches `threshold`, times `scale`. */ \
  void NAME(nnq_dropout)(uint32_t key, uint32_t threshold, REAL scale, uint32_t first, const REAL *x, \
                         REAL *y, size_t count);                                                      \
  /* sums[columns] (+)= the sums of the columns, rows added in order; stride is that of x's rows. */  \
  void NAME(nnq_sum_columns)(const REAL *x, size_t stride, size_t rows, size_t columns, REAL *sums,   \
                             int accumulate);                                                         \
  double NAME(nnq_sum_squares)(const REAL *x, size_t count);                                          \
  double NAME(nnq_sum)(const REAL *x, size_t count);                                                  \
  /* Layer normalization: y = gamma * (x - mean) * inverse + beta in each row. */                     \
  void NAME(nnq_layer_norm)(const REAL *x, const REAL *gamma, const REAL *beta, REAL epsilon, REAL *y, \
                            REAL *mean, REAL *inverse, size_t rows, size_t columns);                  \
  void NAME(nnq_layer_norm_back)(const REAL *x, const REAL *gamma, const REAL *mean,                  \
                                 const REAL *inverse, const REAL *dy, REAL *dx, size_t rows,          \
                                 size_t columns);                                                     \
  void NAME(nnq_layer_norm_gradient)(const REAL *x, const REAL *mean, const REAL *inverse,            \
                                     const REAL *dy, REAL *dgamma, REAL *dbeta, size_t rows,          \
                                     size_t columns, int accumulate);                                 \
  /* The mean and the mean squared distance from it of each column. */                                \
  void NAME(nnq_column_moments)(const REAL *x, REAL *mean, REAL *variance, size_t rows,               \
                                size_t columns);                                                      \
  /* Batch normalization: y = gamma * (x - mean) * inverse + beta in each column. */                  \
  void NAME(nnq_batch_norm)(const REAL *x, const REAL *gamma, const REAL *beta, const REAL *mean,     \
                            const REAL *inverse, REAL *y, size_t rows, size_t columns);               \
  void NAME(nnq_batch_norm_gradient)(const REAL *x, const REAL *mean, const REAL *inverse,            \
                                     const REAL *dy, REAL *dgamma, REAL *dbeta, size_t rows,          \
                                     size_t columns, int accumulate);                                 \
  /* dgamma and dbeta are those of this batch alone. */                                               \
  void NAME(nnq_batch_norm_back)(const REAL *x, const REAL *gamma, const REAL *mean,                  \
                                 const REAL *inverse, const REAL *dgamma, const REAL *dbeta,          \
                                 const REAL *dy, REAL *dx, size_t rows, size_t columns);              \
  /* Losses: the sum over the rows, and `share` times its slope. */                                   \
  double NAME(nnq_squared_error)(const REAL *y, const REAL *t, REAL share, REAL *slope, size_t count); \
  double NAME(nnq_absolute_error)(const REAL *y, const REAL *t, REAL share, REAL *slope,              \
                                  size_t count);                                                      \
  double NAME(nnq_huber)(const REAL *y, const REAL *t, REAL delta, REAL share, REAL *slope,           \
                         size_t count);                                                               \
  double NAME(nnq_logistic_entropy)(const REAL *z, const REAL *t, const REAL *negative,               \
                                    const REAL *positive, REAL smoothing, REAL share, REAL *slope,    \
                                    size_t rows, size_t columns);                                     \
  /* t[rows] holds class indices. */                                                                  \
  double NAME(nnq_softmax_entropy)(const REAL *z, const REAL *t, const REAL *weights, REAL smoothing, \
                                   REAL share, REAL *slope, size_t rows, size_t columns);             \
  double NAME(nnq_likelihood)(const REAL *logs, const REAL *t, const REAL *weights, REAL smoothing,   \
                              REAL share, REAL *slope, size_t rows, size_t columns);                  \
  void NAME(nnq_log_softmax)(const REAL *z, REAL *y, size_t rows, size_t columns);                    \
  void NAME(nnq_log_softmax_back)(const REAL *y, const REAL *dy, REAL *dz, size_t rows,               \
                                  size_t columns);                                                    \
  /* One step of Adam with decoupled decay: `rate` and `inverse` carry the corrections of the means'  \
   * pull to 0. */                                                                                    \
  void NAME(nnq_adamw)(REAL *p, const REAL *g, REAL *m, REAL *v, REAL rate, REAL inverse, REAL decay, \
                       REAL first, REAL second, REAL epsilon, size_t count);                          \
  /* One step of gradient descent; with momentum, velocity = momentum * velocity + gradient. */       \
  void NAME(nnq_sgd)(REAL *p, const REAL *g, REAL *velocity, REAL rate, REAL momentum, size_t count); \
  /* g += factor * p */                                                                               \
  void NAME(nnq_add_scaled)(const REAL *p, REAL factor, REAL *g, size_t count);                       \
  void NAME(nnq_clamp)(REAL limit, REAL *g, size_t count);                                            \
  /* y[count][columns] = the given rows of x */                                                       \
  void NAME(nnq_gather)(const float *x, const ptrdiff_t *rows, REAL *y, size_t count, size_t columns);

#define NNQ_F32(name) name##_f32
#define NNQ_F64(name) name##_f64
NNQ_LINALG_FUNCTIONS(float, NNQ_F32)
NNQ_LINALG_FUNCTIONS(double, NNQ_F64)

/* Threads that run one function together: the caller is worker 0. */
typedef struct nnq_pool nnq_pool;

/* How many of the wanted threads may call OpenBLAS at once, at most 64: as many as have room for its buffers,
 * which stay. At least 1: the program ends with a sentence and 70 where OpenBLAS finds no room when it is
 * loaded; call this with 1 at its start. */
size_t nnq_blas_workers(size_t wanted);

/* A pool of `workers` (1 ... 64) threads, the caller counted; NULL when they cannot be had. */
nnq_pool *nnq_pool_open(size_t workers);
/* Runs `work` once on each worker and returns when all are done. */
void nnq_pool_run(nnq_pool *pool, void (*work)(void *context, size_t worker), void *context);
void nnq_pool_close(nnq_pool *pool);

#endif
