// SPDX-License-Identifier: Apache-2.0
internal import CNNQLinalg
import COpenBLAS

/// The bridge to OpenBLAS: the products of matrices.
///
/// One thread, always: the order of summation, and with it every bit of a result, would else depend
/// on how many processors the machine has. Threads are the trainer's own.
package enum BLAS {
  /// Makes OpenBLAS compute in the calling thread, whatever `OPENBLAS_NUM_THREADS` says, and ends the
  /// threads that a build of it started all the same: they look for work for a tenth of a second. The
  /// memory that one thread multiplies in is taken.
  ///
  /// The setting belongs to the process and is made once: made again, it starts ended threads anew.
  package static func useOneThread() { oneThread }

  private static let oneThread: Void = {
    openblas_set_num_threads(1)
    nnq_blas_end_threads()
    _ = nnq_blas_workers(1)
  }()

  /// How many of the wanted threads may multiply at once: as many as there is room for their buffers.
  package static func workers(_ wanted: Int) -> Int { nnq_blas_workers(wanted) }

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
