// SPDX-License-Identifier: Apache-2.0
internal import NNQFormat
internal import NNQLinalg

extension Loss {
  /// The loss that matches a task, with the weights of its classes.
  ///
  /// - Parameter fitted: the rows over which balanced weights are 1 on average.
  /// - Throws: ``TrainingError/invalidSetting(_:)`` when the given weights are not one a class.
  init(
    for kind: ModelTask.Kind, targets: TrainingTargets, fitted: [Int],
    weights: TrainingSettings.ClassWeights
  ) throws(TrainingError) {
    let counts = targets.countClasses(in: fitted, task: kind)
    switch kind {
    case .regression, .anomaly:
      guard weights == .equal else { throw .invalidSetting(.classWeights) }
      self = .squaredError
    case .multiclass:
      self = .softmaxCrossEntropy(weights: try Self.weights(weights, of: counts))
    case .binary, .multilabel:
      var negative = [Float]()
      var positive = [Float]()
      for column in 0..<targets.outputs {
        let pair = try Self.weights(weights, of: [counts[2 * column], counts[2 * column + 1]])
        negative.append(pair[0])
        positive.append(pair[1])
      }
      self = .binaryCrossEntropy(negative: negative, positive: positive)
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
