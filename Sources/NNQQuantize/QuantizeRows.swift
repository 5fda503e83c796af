// SPDX-License-Identifier: Apache-2.0
import NNQFormat

/// The weights of one layer in codes, before its output scale is applied.
struct QuantizedRows {
  /// `[outputs][inputs]`
  var weights: [Int8] = []
  /// `[outputs]`: the real value of one step of the accumulator.
  var steps: [Double] = []
  /// `[outputs]`: in accumulator steps, the input's zero points not yet folded in.
  var bias: [Double] = []

  /// Quantizes each row with its own scale: the largest weight becomes 127.
  ///
  /// A row's scale is a number of binary32, as other formats hold it. A layer of one row has the
  /// product of input and row scale in binary32 too, because LiteRT rounds it so.
  /// - Parameters:
  ///   - scales: the scale of each input, with the zero point of its codes; they are folded into the weights, so that an accumulator
  ///     step is one number a row.
  ///   - feedback: how errors are handed on from weight to weight; nil rounds each on its own.
  ///   - smallestStep: a row of zeros or of denormals takes at least this step, which keeps its
  ///     multiplier in range.
  /// - Rounding: to nearest, ties away from zero, or as ``ErrorFeedback`` says.
  init(
    _ layer: FloatModel.Layer, inputScales scales: [Double], zeroPoints: [Int],
    inputWidth: CodeWidth,
    bias realBias: [Double], smallestStep: Double, feedback: ErrorFeedback? = nil
  ) {
    weights.reserveCapacity(layer.weights.count)
    let isShared =
      scales.allSatisfy { $0 == scales[0] } && zeroPoints.allSatisfy { $0 == zeroPoints[0] }
    let sharedScale = isShared ? scales[0] : nil
    // One shared scale stays outside the row's scale, so that input scale * row scale is formed as
    // the contract says.
    let inputScale = sharedScale ?? 1
    for row in 0..<layer.outputs {
      let real = layer.weights[row * layer.inputs..<(row + 1) * layer.inputs]
      let folded =
        sharedScale == nil ? zip(real, scales).map { Double($0) * $1 } : real.map(Double.init)
      let largest = folded.reduce(0) { max($0, abs($1)) }
      let sum = folded.reduce(0) { $0 + abs($1) }
      // Rounding adds at most half a code to each weight.
      let room = 0x1.8p30 / Double(inputWidth.largestMagnitude) - Double(layer.inputs) / 2
      let least = max(
        inputScale * (largest / 127),
        // The accumulator bound: the weights' share of 2^31 is three quarters.
        inputScale * (sum / max(room, 1)),
        // The bias has to stay within 2^30 together with the folded zero points.
        abs(realBias[row]) / 0x1p28,
        smallestStep)
      var step = inputScale * (least / inputScale).upToBinary32
      if layer.outputs == 1, Float(step).isNormal { step = Double(Float(step)) }
      let scaled = folded.map { $0 / (step / inputScale) }
      var codes = scaled.map {
        Int8(min(max($0.rounded(.toNearestOrAwayFromZero), -127), 127))
      }
      if let feedback {
        let better = feedback.codes(scaled)
        // Handing errors on may pass what the bound leaves; then the nearest codes stay.
        let sum = better.reduce(0) { $0 + Int($1.magnitude) }
        if Double(sum * inputWidth.largestMagnitude) < 0x1.8p30 { codes = better }
      }
      weights += codes
      steps.append(step)
      bias.append(realBias[row] / step)
    }
  }
}
