// SPDX-License-Identifier: Apache-2.0
internal import CNNQLinalg

/// A function of a layer's values with its slope: that of a leaky ReLU below 0.
package struct LayerFunction: Sendable {
  let function: nnq_function
  let slope: Double
  /// Whether its derivative is taken from its argument; else from its value.
  package var needsArgument: Bool { function.rawValue >= NNQ_GELU.rawValue }

  /// - Parameter code: as a model file numbers activations, 0 ... 9.
  package init(code: UInt8, slope: Double = 0) {
    precondition(code <= 9)
    function = nnq_function(rawValue: UInt32(code))
    self.slope = slope
  }
}

extension Vector {
  /// Becomes `f(z)`; z may be the same vector.
  package func setValues(of f: LayerFunction, at z: Vector) {
    precondition(count == z.count)
    unsafe Scalar.kernels.activate(f.function, Scalar(f.slope), z.pointer, pointer, count)
  }

  /// A gradient of f's values becomes one of its arguments.
  ///
  /// - Parameter known: f's values, or its arguments where it ``LayerFunction/needsArgument``.
  package func multiply(byDerivativeOf f: LayerFunction, from known: Vector) {
    precondition(count == known.count)
    unsafe Scalar.kernels.activateBack(
      f.function, Scalar(f.slope), known.pointer, pointer, count)
  }

  /// Becomes `a + b`.
  package func setSum(_ a: Vector, _ b: Vector) {
    precondition(count == a.count && count == b.count)
    unsafe Scalar.kernels.add(a.pointer, b.pointer, pointer, count)
  }

  /// Becomes `x` with a share of its elements 0 and the others grown so that the mean stays.
  ///
  /// - Parameters:
  ///   - key: chooses the random numbers; `first` is the place of the first one.
  package func setDropout(_ x: Vector, rate: Double, key: UInt32, first: Int) {
    precondition(count == x.count && rate >= 0 && rate < 1)
    unsafe Scalar.kernels.dropout(
      key, UInt32(rate * 0x1p32), Scalar(1 / (1 - rate)), UInt32(truncatingIfNeeded: first),
      x.pointer, pointer, count)
  }
}

extension Block {
  /// Adds `bias[columns]` to each row.
  package func addToEachRow(_ bias: Vector<Scalar>) {
    precondition(bias.count == columns)
    unsafe Scalar.kernels.addBias(bias.pointer, pointer, rows, columns)
  }

  /// `sums` becomes, or grows by, the sums of some columns, rows added in order.
  package func sumColumns(from first: Int, into sums: Vector<Scalar>, adding: Bool) {
    precondition(first >= 0 && first + sums.count <= columns)
    unsafe Scalar.kernels.sumColumns(
      pointer + first, columns, rows, sums.count, sums.pointer, adding ? 1 : 0)
  }

  /// Becomes `f(first half of x) * second half of x`, row by row.
  package func setGate(_ f: LayerFunction, _ x: Block) {
    precondition(x.columns == 2 * columns && x.rows == rows)
    unsafe Scalar.kernels.gate(
      f.function, Scalar(f.slope), x.pointer, pointer, rows, columns)
  }

  /// The gradient of a gate's inputs x from that of its results.
  package func setGateGradient(_ f: LayerFunction, x: Block, results: Block) {
    precondition(columns == 2 * results.columns && x.columns == columns)
    precondition(x.rows == rows && results.rows == rows)
    unsafe Scalar.kernels.gateBack(
      f.function, Scalar(f.slope), x.pointer, results.pointer, pointer, rows, results.columns)
  }

  /// Becomes the logarithm of the softmax of each row of z.
  package func setLogSoftmax(_ z: Block) {
    precondition(z.rows == rows && z.columns == columns)
    unsafe Scalar.kernels.logSoftmax(z.pointer, pointer, rows, columns)
  }

  /// The gradient of its arguments from the results y and their gradient.
  package func setLogSoftmaxGradient(y: Block, results: Block) {
    precondition(y.rows == rows && y.columns == columns)
    precondition(results.rows == rows && results.columns == columns)
    unsafe Scalar.kernels.logSoftmaxBack(
      y.pointer, results.pointer, pointer, rows, columns)
  }
}
