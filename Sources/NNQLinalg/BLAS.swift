// SPDX-License-Identifier: Apache-2.0
import COpenBLAS

/// The bridge to OpenBLAS: the products of matrices.
///
/// One thread, always: the order of summation, and with it every bit of a result, would else depend
/// on how many processors the machine has. Threads are the trainer's own.
package enum BLAS {
  /// Makes OpenBLAS compute in the calling thread, whatever `OPENBLAS_NUM_THREADS` says, and ends the
  /// threads that it started when it was loaded: they look for work for a tenth of a second.
  ///
  /// The setting belongs to the process; each call sets the same value.
  package static func useOneThread() {
    openblas_set_num_threads(1)
    nnq_blas_end_threads()
  }

  /// `c[m][n] = op(a)[m][k] * op(b)[k][n]`, or added to c, where op transposes or does nothing.
  static func multiply(
    _ a: UnsafePointer<Float>, stride aStride: Int, transposed aTransposed: Bool,
    _ b: UnsafePointer<Float>, stride bStride: Int, transposed bTransposed: Bool,
    _ c: UnsafeMutablePointer<Float>, m: Int, n: Int, k: Int, adding: Bool
  ) {
    unsafe cblas_sgemm(
      CblasRowMajor, aTransposed ? CblasTrans : CblasNoTrans,
      bTransposed ? CblasTrans : CblasNoTrans, blasint(m), blasint(n), blasint(k), 1, a,
      blasint(aStride), b, blasint(bStride), adding ? 1 : 0, c, blasint(n))
  }
}
