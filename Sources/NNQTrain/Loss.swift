// SPDX-License-Identifier: Apache-2.0
internal import NNQLinalg

/// What training makes small, with its weights and constants: a mean over the rows.
struct Loss: Equatable, Sendable {
  /// Errors and cross-entropies of a sigmoid are means over the outputs too.
  var function: LossFunction
  /// The weight of each class; for ``LossFunction/bce`` that of 0 for each output.
  var weights: [Float] = []
  /// For ``LossFunction/bce`` the weight of 1 for each output.
  var positive: [Float] = []
  /// The share of the target that goes to all classes alike.
  var smoothing = 0.0
  /// Half of it times the sum of the squared weights is added.
  var l2 = 0.0

  /// Where a Huber loss turns straight, in standard deviations of the target.
  static let delta = 1.0

  /// The part of the mean loss that some rows make, and its gradient with respect to the outputs.
  ///
  /// - Shape: `outputs` and `slope` are `[rows][outputs]`; `targets` the same, or `[rows][1]` where
  ///   they are classes.
  /// - Parameters:
  ///   - rowsOfMean: the rows that the mean is over.
  ///   - share: what the gradient is multiplied by, but not the loss.
  func evaluate<Scalar: Real>(
    _ outputs: Block<Scalar>, targets: Block<Scalar>, _ weights: LossWeights<Scalar>,
    rowsOfMean: Int, share: Double = 1, slope: Block<Scalar>
  ) -> Double {
    let part = 1 / Double(rowsOfMean)
    let partOfEach = part / Double(outputs.columns)
    switch function {
    case .mse:
      return partOfEach
        * outputs.squaredError(targets, share: share * partOfEach, slope: slope)
    case .mae:
      return partOfEach
        * outputs.absoluteError(targets, share: share * partOfEach, slope: slope)
    case .huber:
      return partOfEach
        * outputs.huber(targets, delta: Self.delta, share: share * partOfEach, slope: slope)
    case .bce:
      return partOfEach
        * outputs.logisticEntropy(
          targets, negative: weights.first, positive: weights.second, smoothing: smoothing,
          share: share * partOfEach, slope: slope)
    case .crossEntropy:
      return part
        * outputs.softmaxEntropy(
          targets, weights: weights.first, smoothing: smoothing, share: share * part, slope: slope)
    case .nll:
      return part
        * outputs.likelihood(
          targets, weights: weights.first, smoothing: smoothing, share: share * part, slope: slope)
    }
  }
}

/// The weights of a loss in the type of the network.
struct LossWeights<Scalar: Real>: Sendable {
  let first: Vector<Scalar>
  let second: Vector<Scalar>

  init(_ loss: Loss) {
    first = Vector(loss.weights)
    second = Vector(loss.positive)
  }
}
