// SPDX-License-Identifier: Apache-2.0
import COpenBLAS

/// The bridge to OpenBLAS: the products of matrices.
///
/// One thread, always: the order of summation, and with it every bit of a result, would else depend
/// on how many processors the machine has, and small networks gain nothing from more.
package enum BLAS {
  /// Makes OpenBLAS compute in the calling thread, whatever `OPENBLAS_NUM_THREADS` says.
  ///
  /// The setting belongs to the process; each call sets the same value.
  package static func useOneThread() { openblas_set_num_threads(1) }

  /// `c[m][n] = op(a)[m][k] * op(b)[k][n]`, where op transposes or does nothing.
  static func multiply(
    _ a: [Float], transposed aTransposed: Bool, _ b: [Float], transposed bTransposed: Bool,
    into c: inout [Float], m: Int, n: Int, k: Int
  ) {
    precondition(a.count == m * k && b.count == k * n && c.count == m * n)
    guard m > 0, n > 0, k > 0 else {
      for index in c.indices { c[index] = 0 }
      return
    }
    let aStride = aTransposed ? m : k
    let bStride = bTransposed ? k : n
    // The three arrays hold as many elements as the shapes say, and c is nobody else's.
    unsafe a.withUnsafeBufferPointer { a in
      unsafe b.withUnsafeBufferPointer { b in
        unsafe c.withUnsafeMutableBufferPointer { c in
          unsafe cblas_sgemm(
            CblasRowMajor, aTransposed ? CblasTrans : CblasNoTrans,
            bTransposed ? CblasTrans : CblasNoTrans, blasint(m), blasint(n), blasint(k), 1,
            a.baseAddress, blasint(aStride), b.baseAddress, blasint(bStride), 0, c.baseAddress,
            blasint(n))
        }
      }
    }
  }
}

extension Matrix {
  /// `self = a * b`
  package mutating func setProduct(_ a: Matrix, _ b: Matrix) {
    precondition(a.columns == b.rows && rows == a.rows && columns == b.columns)
    BLAS.multiply(
      a.elements, transposed: false, b.elements, transposed: false, into: &elements,
      m: rows, n: columns, k: a.columns)
  }

  /// `self = a * bᵀ`
  package mutating func setProduct(_ a: Matrix, transposed b: Matrix) {
    precondition(a.columns == b.columns && rows == a.rows && columns == b.rows)
    BLAS.multiply(
      a.elements, transposed: false, b.elements, transposed: true, into: &elements,
      m: rows, n: columns, k: a.columns)
  }

  /// `self = aᵀ * b`
  package mutating func setProduct(transposed a: Matrix, _ b: Matrix) {
    precondition(a.rows == b.rows && rows == a.columns && columns == b.columns)
    BLAS.multiply(
      a.elements, transposed: true, b.elements, transposed: false, into: &elements,
      m: rows, n: columns, k: a.rows)
  }
}
