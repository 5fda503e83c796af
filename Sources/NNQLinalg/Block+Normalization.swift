// SPDX-License-Identifier: Apache-2.0

/// What a normalization shifts and divides by: one of each a row (layer) or a column (batch).
package struct NormalizationMoments<Scalar: Real>: Sendable {
  package let mean: Vector<Scalar>
  /// 1 over the root of the variance and epsilon.
  package let inverse: Vector<Scalar>

  package init(mean: Vector<Scalar>, inverse: Vector<Scalar>) {
    precondition(mean.count == inverse.count)
    self.mean = mean
    self.inverse = inverse
  }

  package subscript(range: Range<Int>) -> NormalizationMoments {
    NormalizationMoments(mean: mean[range], inverse: inverse[range])
  }
}

/// The factor and the addend of each column.
package struct NormalizationGains<Scalar: Real>: Sendable {
  package let gamma: Vector<Scalar>
  package let beta: Vector<Scalar>

  /// - Parameter values: gamma, then beta.
  package init(_ values: Vector<Scalar>) {
    precondition(values.count % 2 == 0)
    let count = values.count / 2
    gamma = values[0..<count]
    beta = values[count..<(2 * count)]
  }
}

extension Block {
  /// Becomes `gamma * (x - mean) / sqrt(variance + epsilon) + beta` of each row, whose moments are
  /// written.
  package func setLayerNorm(
    _ x: Block, _ gains: NormalizationGains<Scalar>, epsilon: Double,
    moments: NormalizationMoments<Scalar>
  ) {
    precondition(isLike(x) && gains.gamma.count == columns && moments.mean.count == rows)
    unsafe Scalar.kernels.layerNorm(
      x.pointer, gains.gamma.pointer, gains.beta.pointer, Scalar(epsilon), pointer,
      moments.mean.pointer, moments.inverse.pointer, rows, columns)
  }

  /// The gradient of the inputs x of a layer normalization from that of its results.
  package func setLayerNormGradient(
    x: Block, _ gains: NormalizationGains<Scalar>, moments: NormalizationMoments<Scalar>,
    results: Block
  ) {
    precondition(isLike(x) && isLike(results) && gains.gamma.count == columns)
    precondition(moments.mean.count == rows)
    unsafe Scalar.kernels.layerNormBack(
      x.pointer, gains.gamma.pointer, moments.mean.pointer, moments.inverse.pointer,
      results.pointer, pointer, rows, columns)
  }

  /// The gradient of the gains of a layer normalization of `self` from that of its results.
  package func layerNormGains(
    _ gradient: NormalizationGains<Scalar>, moments: NormalizationMoments<Scalar>, results: Block,
    adding: Bool
  ) {
    precondition(isLike(results) && gradient.gamma.count == columns)
    precondition(moments.mean.count == rows)
    unsafe Scalar.kernels.layerNormGradient(
      pointer, moments.mean.pointer, moments.inverse.pointer, results.pointer,
      gradient.gamma.pointer, gradient.beta.pointer, rows, columns, adding ? 1 : 0)
  }

  /// The mean and the variance (divided by the number of rows) of each column.
  package func columnMoments(mean: Vector<Scalar>, variance: Vector<Scalar>) {
    precondition(rows > 0 && mean.count == columns && variance.count == columns)
    unsafe Scalar.kernels.columnMoments(
      pointer, mean.pointer, variance.pointer, rows, columns)
  }

  /// Becomes `gamma * (x - mean) * inverse + beta` of each column.
  package func setBatchNorm(
    _ x: Block, _ gains: NormalizationGains<Scalar>, moments: NormalizationMoments<Scalar>
  ) {
    precondition(isLike(x) && gains.gamma.count == columns && moments.mean.count == columns)
    unsafe Scalar.kernels.batchNorm(
      x.pointer, gains.gamma.pointer, gains.beta.pointer, moments.mean.pointer,
      moments.inverse.pointer, pointer, rows, columns)
  }

  /// The gradient of the gains of a batch normalization of `self` from that of its results.
  package func batchNormGains(
    _ gradient: NormalizationGains<Scalar>, moments: NormalizationMoments<Scalar>, results: Block,
    adding: Bool
  ) {
    precondition(isLike(results) && gradient.gamma.count == columns)
    precondition(moments.mean.count == columns)
    unsafe Scalar.kernels.batchNormGradient(
      pointer, moments.mean.pointer, moments.inverse.pointer, results.pointer,
      gradient.gamma.pointer, gradient.beta.pointer, rows, columns, adding ? 1 : 0)
  }

  /// The gradient of the inputs x of a batch normalization from that of its results and, of the
  /// same batch, of its gains.
  package func setBatchNormGradient(
    x: Block, _ gains: NormalizationGains<Scalar>, moments: NormalizationMoments<Scalar>,
    gradient: NormalizationGains<Scalar>, results: Block
  ) {
    precondition(isLike(x) && isLike(results) && gains.gamma.count == columns)
    precondition(moments.mean.count == columns && gradient.gamma.count == columns)
    unsafe Scalar.kernels.batchNormBack(
      x.pointer, gains.gamma.pointer, moments.mean.pointer, moments.inverse.pointer,
      gradient.gamma.pointer, gradient.beta.pointer, results.pointer, pointer, rows, columns)
  }

  private func isLike(_ other: Block) -> Bool { rows == other.rows && columns == other.columns }
}
