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
    switch kind {
    case .regression, .anomaly:
      guard weights == .equal else { throw .invalidSetting(.classWeights) }
      self = .squaredError
    case .multiclass:
      let classes = (targets.classes ?? []).map { $0 }
      self = .softmaxCrossEntropy(
        weights: try Self.weights(
          weights, of: fitted.map { classes[$0] }, count: targets.outputs))
    case .binary, .multilabel:
      var negative = [Float]()
      var positive = [Float]()
      for column in 0..<targets.outputs {
        let sides = fitted.map { (targets.values?[$0, column] ?? 0) > 0.5 ? 1 : 0 }
        let pair = try Self.weights(weights, of: sides, count: 2)
        negative.append(pair[0])
        positive.append(pair[1])
      }
      self = .binaryCrossEntropy(negative: negative, positive: positive)
    }
  }

  private static func weights(
    _ weights: TrainingSettings.ClassWeights, of classes: [Int], count: Int
  ) throws(TrainingError) -> [Float] {
    switch weights {
    case .equal:
      return Array(repeating: 1, count: count)
    case .given(let given):
      guard given.count == count else { throw .invalidSetting(.classWeights) }
      return given.map { Float($0) }
    case .balanced:
      var rows = Array(repeating: 0, count: count)
      for index in classes { rows[index] += 1 }
      let present = rows.count { $0 > 0 }
      // A class that no fitted row has is never looked up; 1 keeps its weight finite.
      return rows.map { $0 == 0 ? 1 : Float(Double(classes.count) / Double(present * $0)) }
    }
  }
}
