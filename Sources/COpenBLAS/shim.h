#include <cblas.h>

/* The handler by which OpenBLAS ends its threads ahead of a fork; builds without threads of their own
 * have none. */
extern int blas_thread_shutdown_(void) __attribute__((weak));

static inline void nnq_blas_end_threads(void) {
  if (blas_thread_shutdown_) (void)blas_thread_shutdown_();
}
