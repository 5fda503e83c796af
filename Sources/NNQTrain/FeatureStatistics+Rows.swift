// SPDX-License-Identifier: Apache-2.0
internal import NNQData
internal import NNQFormat

extension FeatureStatistics {
  /// The standard quantiles of every feature over all rows, missing readings left out.
  ///
  /// - Throws: ``TrainingError/featureWithoutReadings(name:)``.
  init(of data: Dataset) throws(TrainingError) {
    let quantiles: [[Float]]
    do {
      quantiles = try data.quantiles(at: Self.standardProbabilities)
    } catch {
      // The only thing that quantiles refuse is a feature without readings.
      guard case .noReadings(let column) = error else { throw .noFeatures }
      throw .featureWithoutReadings(name: column)
    }
    self.init(probabilities: Self.standardProbabilities, quantiles: quantiles)
  }
}
