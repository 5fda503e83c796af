// SPDX-License-Identifier: Apache-2.0

/// What multiplies matrices.
package enum ProductMethod: Sendable {
  /// OpenBLAS: its order of summation depends on the CPU.
  case blas
  /// A fixed order of summation without contraction: the same bits on every CPU.
  case fixedOrder
}

extension Block {
  /// `self = a * op(b)`, or added to it, where op transposes or does nothing.
  package func setProduct(
    _ a: Block, _ b: Block, transposed: Bool = false, adding: Bool = false, by method: ProductMethod
  ) {
    let (depth, n) = transposed ? (b.columns, b.rows) : (b.rows, b.columns)
    precondition(a.columns == depth && rows == a.rows && columns == n)
    unsafe multiply(
      a.pointer, stride: a.columns, transposed: false, b, transposed: transposed, m: rows,
      k: depth, adding: adding, method)
  }

  /// `self = (some columns of a)ᵀ * b`, or added to it: as many columns as there are rows.
  package func setProduct(
    columns first: Int, of a: Block, _ b: Block, adding: Bool, by method: ProductMethod
  ) {
    precondition(first >= 0 && first + rows <= a.columns)
    precondition(a.rows == b.rows && columns == b.columns)
    unsafe multiply(
      a.pointer + first, stride: a.columns, transposed: true, b, transposed: false, m: rows,
      k: a.rows, adding: adding, method)
  }

  private func multiply(
    _ a: UnsafePointer<Scalar>, stride: Int, transposed aTransposed: Bool, _ b: Block,
    transposed bTransposed: Bool, m: Int, k: Int, adding: Bool, _ method: ProductMethod
  ) {
    if method == .blas, Scalar.self == Float.self, m > 0, k > 0, columns > 0 {
      unsafe BLAS.multiply(
        UnsafeRawPointer(a).assumingMemoryBound(to: Float.self), stride: stride,
        transposed: aTransposed,
        UnsafeRawPointer(b.pointer).assumingMemoryBound(to: Float.self), stride: b.columns,
        transposed: bTransposed,
        UnsafeMutableRawPointer(pointer).assumingMemoryBound(to: Float.self), m: m, n: columns,
        k: k, adding: adding)
    } else {
      unsafe Scalar.kernels.product(
        a, stride, aTransposed ? 1 : 0, b.pointer, b.columns, bTransposed ? 1 : 0, pointer,
        columns, m, columns, k, adding ? 1 : 0)
    }
  }
}
