// SPDX-License-Identifier: Apache-2.0
internal import NNQFormat
internal import NNQLinalg

/// A dense layer while it is trained: `y = activation(x * weightsᵀ + bias)` for a batch of rows.
struct DenseLayer: Equatable, Sendable {
  /// `[outputs][inputs]`
  var weights: Matrix
  /// `[outputs]`
  var bias: [Float]
  var activation: Activation

  var inputs: Int { weights.columns }
  var outputs: Int { weights.rows }

  /// - Shape: `x` is `[rows][inputs]`; `y` becomes `[rows][outputs]`.
  func apply(_ x: Matrix, into y: inout Matrix) {
    y.resize(rows: x.rows)
    y.setProduct(x, transposed: weights)
    y.addToEachRow(bias)
    activation.apply(to: &y)
  }
}
