// SPDX-License-Identifier: Apache-2.0
import NNQFormat
import NNQMath

/// What the output codes of an imported int8 network stand for.
struct Int8OutputRules {
  var outputs: [FlatImage.Output]
  var probability: FixedPointMultiplier?
  var score: FlatImage.Score?
  var scoreThreshold: Int64 = 0

  /// - Throws: ``InteropError/wrongTensor(_:shape:)`` when a scale cannot be written.
  init(
    _ task: ModelTask, outputs count: Int, input: TFLiteInt8Import.Step,
    output: TFLiteInt8Import.Step
  ) throws(InteropError) {
    let scale = Double(output.scale)
    guard let step = BinaryFraction(scale), abs(step.exponent - 31) <= 1000 else {
      throw .wrongTensor("scale of the output", shape: [count])
    }
    outputs = (0..<count).map { index in
      FlatImage.Output(
        origin: Int32(output.zeroPoint), multiplier: step.fraction, exponent: step.exponent - 31,
        threshold: Self.threshold(task, index, scale, output.zeroPoint))
    }
    switch task.kind {
    case .regression: break
    case .binary, .multiclass, .multilabel:
      probability = FixedPointMultiplier(scale * log2OfE * 4096)
      guard probability != nil else {
        throw .wrongTensor("scale of the output", shape: [count])
      }
    case .anomaly:
      // The input once more, in the codes of the output.
      let ratio = Double(input.scale) / scale
      let origin = Double(output.zeroPoint) - ratio * Double(input.zeroPoint)
      guard origin.magnitude <= 0x1p30, let factor = FixedPointMultiplier(ratio) else {
        throw .wrongTensor("scale of the output", shape: [count])
      }
      score = FlatImage.Score(origin: Int32(origin.rounded()), factor: factor)
      let threshold = task.thresholds[0] * Double(count) / (scale * scale)
      scoreThreshold = Int64(min(max(threshold.rounded(), 0), 0x1p62))
    }
  }

  /// The lowest code that counts as true for a probability threshold.
  private static func threshold(
    _ task: ModelTask, _ index: Int, _ scale: Double, _ zeroPoint: Int
  ) -> Int32 {
    guard task.kind == .binary || task.kind == .multilabel else { return 0 }
    // log(p / (1 - p)); 0 and 1 give minus and plus infinity: always and never.
    let probability = task.thresholds[index]
    let logit = PortableMath.log(probability) - PortableMath.log(1 - probability)
    let code = (logit / scale).rounded(.up) + Double(zeroPoint)
    return Int32(min(max(code, -0x1p30), 0x1p30))
  }
}

private let log2OfE = 0x1.71547652b82fep+0
