// SPDX-License-Identifier: Apache-2.0
public import NNQFormat

/// A flat image of random integers: every field anywhere in its legal range, so that kernels meet
/// extreme multipliers, shifts, zero points, clamps and tables that no quantizer would choose.
public func sampleImage(
  widths: [Int], input: CodeWidth, output: CodeWidth, task: ModelTask.Kind = .regression,
  hasTables: Bool = false, random: inout TestRandom
) -> FlatImage {
  var layers: [FlatImage.Layer] = []
  for (index, shape) in zip(widths, widths.dropFirst()).enumerated() {
    let isLast = index == widths.count - 2
    let taken = index == 0 ? input : layers[index - 1].outputWidth
    let width = isLast ? output : (index % 3 == 2 ? .sixteen : .eight)
    layers.append(
      sampleLayer(
        inputs: shape.0, outputs: shape.1, taken: taken, width: width,
        hasTable: hasTables && width == .eight, random: &random))
  }
  let outputs = (0..<widths[widths.count - 1]).map { _ in
    FlatImage.Output(
      origin: task == .regression
        ? Int32.random(in: .min ... .max, using: &random)
        : Int32(Int.random(in: output.range, using: &random)),
      multiplier: Int32.random(in: FixedPointMultiplier.multipliers, using: &random),
      exponent: Int.random(in: -1000...1000, using: &random),
      threshold: task == .binary || task == .multilabel
        ? Int32(Int.random(in: output.range, using: &random)) : 0)
  }
  let isDecision = [.binary, .multiclass, .multilabel].contains(task)
  return FlatImage(
    inputs: widths[0], inputWidth: input, layers: layers, task: task,
    probability: isDecision ? sampleFactor(20...40, &random) : nil,
    scoreThreshold: task == .anomaly ? Int64.random(in: 0...1 << 40, using: &random) : 0,
    outputs: outputs,
    counts: (0..<widths[0]).map { _ in sampleCount(input, &random) },
    score: task == .anomaly
      ? (0..<widths[0]).map { _ in
        FlatImage.Score(
          origin: Int32.random(in: -(1 << 30)...1 << 30, using: &random),
          factor: sampleFactor(1...62, &random))
      } : nil)
}

private func sampleLayer(
  inputs: Int, outputs: Int, taken: CodeWidth, width: CodeWidth, hasTable: Bool,
  random: inout TestRandom
) -> FlatImage.Layer {
  var weights: [Int8] = []
  var bias: [Int32] = []
  for _ in 0..<outputs {
    // What the accumulator bound leaves for one weight, so that long rows of 16-bit codes are legal.
    let room = (1 << 30) / taken.largestMagnitude / max(inputs, 1)
    let largest = Int8(min(room, 127))
    weights += (0..<inputs).map { _ in Int8.random(in: -largest...largest, using: &random) }
    bias.append(Int32.random(in: -(1 << 30) + 1...(1 << 30) - 1, using: &random))
  }
  let codes = width.range
  let ends = [Int.random(in: codes, using: &random), Int.random(in: codes, using: &random)].sorted()
  return FlatImage.Layer(
    inputs: inputs, outputs: outputs,
    activation: Activation.Kind.allCases[
      Int.random(in: 0..<Activation.Kind.allCases.count, using: &random)],
    outputWidth: width,
    zeroPoint: Int16(Int.random(in: width.zeroPoints, using: &random)),
    lowest: Int16(ends[0]), highest: Int16(ends[1]), bias: bias,
    factors: (0..<outputs).map { _ in sampleFactor(width == .eight ? 48...56 : 40...48, &random) },
    weights: weights,
    table: hasTable ? (0..<256).map { _ in Int8.random(in: .min ... .max, using: &random) } : nil)
}

/// A factor with a shift in the given range; one in ten anywhere in the legal range.
func sampleFactor(
  _ shifts: ClosedRange<Int>, _ random: inout TestRandom
) -> FixedPointMultiplier {
  let isWild = Int.random(in: 0..<10, using: &random) == 0
  let shift = Int.random(in: isWild ? FixedPointMultiplier.shifts : shifts, using: &random)
  let multiplier = Int32.random(in: FixedPointMultiplier.multipliers, using: &random)
  guard let factor = FixedPointMultiplier(multiplier: multiplier, shift: shift) else {
    preconditionFailure("both parts are drawn from their legal ranges")
  }
  return factor
}

private func sampleCount(_ input: CodeWidth, _ random: inout TestRandom) -> FlatImage.Count {
  let ends = [
    Int32.random(in: -(1 << 29)...1 << 29, using: &random),
    Int32.random(in: -(1 << 29)...1 << 29, using: &random),
  ].sorted()
  return FlatImage.Count(
    range: ends[0]...ends[1], offset: Int32.random(in: -(1 << 30)...1 << 30, using: &random),
    factor: sampleFactor(40...55, &random),
    zeroPoint: Int16(Int.random(in: input.zeroPoints, using: &random)))
}

/// Rows of input codes: all lowest, all highest, all zero, then random ones.
public func sampleCodes(
  _ rows: Int, inputs: Int, width: CodeWidth, random: inout TestRandom
) -> [[Int16]] {
  (0..<rows).map { row in
    (0..<inputs).map { _ in
      switch row {
      case 0: Int16(width.range.lowerBound)
      case 1: Int16(width.range.upperBound)
      case 2: 0
      default: Int16(Int.random(in: width.range, using: &random))
      }
    }
  }
}
