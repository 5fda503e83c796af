// SPDX-License-Identifier: Apache-2.0

/// Rows of binary32 numbers, from wherever they are held.
package protocol RowSource: Sendable {
  var rows: Int { get }
  var columns: Int { get }

  /// Copies the given rows, one to each row of `block`; several threads may call it at once.
  func gather<Scalar: Real>(_ indices: ArraySlice<Int>, into block: Block<Scalar>)
}

extension RowSource {
  /// The given rows in the given order.
  package func gathered(_ indices: some Collection<Int>) -> Matrix {
    let result = Block<Float>(rows: indices.count, columns: columns)
    gather(Array(indices)[...], into: result)
    return result.matrix
  }
}

extension Matrix: RowSource {
  package func gather<Scalar: Real>(_ indices: ArraySlice<Int>, into block: Block<Scalar>) {
    block.gather(indices, of: self)
  }
}
