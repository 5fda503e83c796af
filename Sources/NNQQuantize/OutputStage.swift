// SPDX-License-Identifier: Apache-2.0
package import NNQFormat
import NNQMath

/// What follows the last layer: values, thresholds, probabilities and the anomaly score.
package struct OutputStage {
  package var outputs: [FlatImage.Output] = []
  package var probability: FixedPointMultiplier?
  package var score: [FlatImage.Score]?
  package var scoreThreshold: Int64 = 0

  /// - Parameters:
  ///   - codes: what the last layer hands on.
  ///   - inputs: for the anomaly score, what each input code stands for in standardized units:
  ///     `codes.real(code) + shift`.
  ///   - layer: the last layer, for errors.
  /// - Throws: ``QuantizationError`` when a scale or an offset cannot be written.
  package init(
    _ task: ModelTask, count: Int, codes: AffineCodes,
    inputs: [(codes: AffineCodes, shift: Double)], layer: Int
  ) throws(QuantizationError) {
    for index in 0..<count {
      let scaling =
        task.kind == .regression
        ? task.targetScaling[index] : ModelTask.TargetScaling(offset: 0, scale: 1)
      guard let step = BinaryFraction(codes.scale * scaling.scale),
        abs(step.exponent - 31) <= 1000
      else { throw .rowOutOfRange(layer: layer, row: index) }
      let offset = scaling.offset / (codes.scale * scaling.scale)
      guard offset.magnitude < 0x1p31 - 0x1p17 else {
        throw .targetOutOfRange(target: task.targets[index])
      }
      outputs.append(
        FlatImage.Output(
          origin: Int32(codes.zeroPoint) - Int32(offset.rounded()), multiplier: step.fraction,
          exponent: step.exponent - 31,
          threshold: Self.threshold(task, index, codes)))
    }
    switch task.kind {
    case .binary, .multiclass, .multilabel:
      probability = FixedPointMultiplier(codes.scale * log2OfE * 4096)
      guard probability != nil else { throw .rowOutOfRange(layer: layer, row: 0) }
    case .anomaly:
      try addScore(task, codes, inputs)
    case .regression: break
    }
  }

  /// The lowest code that counts as true for a probability threshold.
  private static func threshold(_ task: ModelTask, _ index: Int, _ codes: AffineCodes) -> Int32 {
    guard task.kind == .binary || task.kind == .multilabel else { return 0 }
    // log(p / (1 - p)); 0 and 1 give minus and plus infinity: always and never.
    let logit =
      PortableMath.log(task.thresholds[index]) - PortableMath.log(1 - task.thresholds[index])
    let code = (logit / codes.scale).rounded(.up) + Double(codes.zeroPoint)
    return Int32(min(max(code, -0x1p30), 0x1p30))
  }

  private mutating func addScore(
    _ task: ModelTask, _ codes: AffineCodes, _ inputs: [(codes: AffineCodes, shift: Double)]
  ) throws(QuantizationError) {
    var targets: [FlatImage.Score] = []
    for (index, element) in inputs.enumerated() {
      let origin =
        Double(codes.zeroPoint)
        + (element.shift - element.codes.scale * Double(element.codes.zeroPoint)) / codes.scale
      guard origin.magnitude <= 0x1p30,
        let factor = FixedPointMultiplier(element.codes.scale / codes.scale)
      else { throw .rowOutOfRange(layer: 0, row: index) }
      targets.append(FlatImage.Score(origin: Int32(origin.rounded()), factor: factor))
    }
    score = targets
    // The float score is a mean of squares in standardized units, the integer one a sum in codes.
    let threshold = task.thresholds[0] * Double(targets.count) / (codes.scale * codes.scale)
    scoreThreshold = Int64(min(threshold.rounded(), 0x1p62))
  }
}

private let log2OfE = 0x1.71547652b82fep+0

/// What the last layer's codes are to be moved by, in codes, so that each regression target's offset
/// is a whole number of codes; nil for other tasks.
package func targetShifts(_ task: ModelTask, _ codes: AffineCodes) -> [Double]? {
  guard task.kind == .regression else { return nil }
  return task.targetScaling.map { scaling in
    let offset = scaling.offset / (codes.scale * scaling.scale)
    return offset - offset.rounded()
  }
}
