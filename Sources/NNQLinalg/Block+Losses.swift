// SPDX-License-Identifier: Apache-2.0

/// Losses of outputs `self`: each returns the sum over the rows and sets `slope` to `share` times
/// its gradient.
extension Block {
  package func squaredError(_ targets: Block, share: Double, slope: Block) -> Double {
    check(targets, slope)
    return unsafe Scalar.kernels.squaredError(
      pointer, targets.pointer, Scalar(share), slope.pointer, values.count)
  }

  package func absoluteError(_ targets: Block, share: Double, slope: Block) -> Double {
    check(targets, slope)
    return unsafe Scalar.kernels.absoluteError(
      pointer, targets.pointer, Scalar(share), slope.pointer, values.count)
  }

  package func huber(_ targets: Block, delta: Double, share: Double, slope: Block) -> Double {
    check(targets, slope)
    return unsafe Scalar.kernels.huber(
      pointer, targets.pointer, Scalar(delta), Scalar(share), slope.pointer, values.count)
  }

  /// - Parameter targets: 0 or 1.
  package func logisticEntropy(
    _ targets: Block, negative: Vector<Scalar>, positive: Vector<Scalar>, smoothing: Double,
    share: Double, slope: Block
  ) -> Double {
    check(targets, slope)
    precondition(negative.count == columns && positive.count == columns)
    return unsafe Scalar.kernels.logisticEntropy(
      pointer, targets.pointer, negative.pointer, positive.pointer, Scalar(smoothing),
      Scalar(share), slope.pointer, rows, columns)
  }

  /// - Parameter targets: class indices in one column; each is that of a column of the outputs.
  package func softmaxEntropy(
    _ targets: Block, weights: Vector<Scalar>, smoothing: Double, share: Double, slope: Block
  ) -> Double {
    checkClasses(targets, weights, slope)
    return unsafe Scalar.kernels.softmaxEntropy(
      pointer, targets.pointer, weights.pointer, Scalar(smoothing), Scalar(share), slope.pointer,
      rows, columns)
  }

  /// The negative logarithm of the likelihood; the outputs are logarithms of probabilities.
  package func likelihood(
    _ targets: Block, weights: Vector<Scalar>, smoothing: Double, share: Double, slope: Block
  ) -> Double {
    checkClasses(targets, weights, slope)
    return unsafe Scalar.kernels.likelihood(
      pointer, targets.pointer, weights.pointer, Scalar(smoothing), Scalar(share), slope.pointer,
      rows, columns)
  }

  private func check(_ targets: Block, _ slope: Block) {
    precondition(targets.rows == rows && targets.columns == columns)
    precondition(slope.rows == rows && slope.columns == columns)
  }

  private func checkClasses(_ targets: Block, _ weights: Vector<Scalar>, _ slope: Block) {
    precondition(targets.rows == rows && targets.columns == 1 && weights.count == columns)
    precondition(slope.rows == rows && slope.columns == columns)
    for row in 0..<rows { precondition(targets[row, 0] >= 0 && targets[row, 0] < Scalar(columns)) }
  }
}
