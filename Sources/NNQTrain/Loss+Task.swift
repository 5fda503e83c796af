// SPDX-License-Identifier: Apache-2.0
internal import NNQFormat

extension Loss {
  /// A loss that matches a task, with the weights of its classes.
  ///
  /// - Parameter fitted: the rows over which balanced weights are 1 on average.
  /// - Throws: ``TrainingError/invalidSetting(_:)`` when the given weights are not one a class.
  init(
    _ function: LossFunction, for kind: ModelTask.Kind, targets: TrainingTargets, fitted: [Int],
    settings: TrainingSettings
  ) throws(TrainingError) {
    let weights = settings.classWeights
    let isSmoothed = settings.labelSmoothing > 0
    self.init(function: function, smoothing: settings.labelSmoothing, l2: settings.l2)
    let counts = targets.countClasses(in: fitted, task: kind)
    switch kind {
    case .regression, .anomaly:
      guard weights == .equal else { throw .invalidSetting(.classWeights) }
      guard !isSmoothed else { throw .invalidSetting(.labelSmoothing) }
    case .multiclass: self.weights = try Self.weights(weights, of: counts)
    case .binary, .multilabel:
      for column in 0..<targets.outputs {
        let pair = try Self.weights(weights, of: [counts[2 * column], counts[2 * column + 1]])
        self.weights.append(pair[0])
        positive.append(pair[1])
      }
    }
  }

  /// - Parameter rows: the rows of each class.
  private static func weights(
    _ weights: TrainingSettings.ClassWeights, of rows: [Int]
  ) throws(TrainingError) -> [Float] {
    switch weights {
    case .equal:
      return rows.map { _ in 1 }
    case .given(let given):
      guard given.count == rows.count else { throw .invalidSetting(.classWeights) }
      return given.map { Float($0) }
    case .balanced:
      let present = rows.count { $0 > 0 }
      let all = rows.reduce(0, +)
      // A class that no fitted row has is never looked up; 1 keeps its weight finite.
      return rows.map { $0 == 0 ? 1 : Float(Double(all) / Double(present * $0)) }
    }
  }
}
