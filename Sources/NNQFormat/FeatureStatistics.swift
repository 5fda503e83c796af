// SPDX-License-Identifier: Apache-2.0

/// Quantiles of every feature over all training rows, missing readings left out.
public struct FeatureStatistics: Equatable, Sendable {
  /// The probabilities that the trainer stores: the two ends are the minimum and the maximum.
  public static let standardProbabilities: [Double] = [
    0, 0.001, 0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99, 0.999, 1,
  ]

  /// Strictly ascending from 0 to 1.
  public var probabilities: [Double]
  /// `[features][probabilities]`, each in its feature's unit.
  public var quantiles: [[Float]]

  public init(probabilities: [Double], quantiles: [[Float]]) {
    self.probabilities = probabilities
    self.quantiles = quantiles
  }
}
