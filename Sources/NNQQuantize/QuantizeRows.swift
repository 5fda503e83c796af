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

  /// Quantizes the rows.
  ///
  /// A row's scale is a number of binary32, as other formats hold it. A layer of one row has the
  /// product of input and row scale in binary32 too, because LiteRT rounds it so.
  ///
  /// - Parameters:
  ///   - scales: the scale of each input, with the zero point of its codes; they are folded into the
  ///     weights, so that an accumulator step is one number a row.
  ///   - width: of the weights.
  ///   - weightScales: whether each row has its own scale: the largest weight becomes the largest code.
  ///   - rounding: nil rounds each weight on its own.
  ///   - smallestStep: a row of zeros or of denormals takes at least this step, which keeps its
  ///     multiplier in range.
  /// - Rounding: to nearest, ties away from zero, or as ``RowRounding`` says.
  init(
    _ layer: FloatModel.Layer, inputScales scales: [Double], zeroPoints: [Int],
    inputWidth: CodeWidth, bias realBias: [Double], smallestStep: Double, width: WeightWidth,
    weightScales: QuantizationSettings.WeightScales, rounding: RowRounding?
  ) {
    let isShared =
      scales.allSatisfy { $0 == scales[0] } && zeroPoints.allSatisfy { $0 == zeroPoints[0] }
    let sharedScale = isShared ? scales[0] : nil
    let real = layer.weights
    let inputs = layer.inputs
    let keepsStep = weightScales == .tensor
    func made(_ smallestStep: Double, _ rounding: RowRounding?) -> [Row] {
      concurrentMap(layer.outputs, threads: rounding?.threads ?? 1) { row in
        Row(
          real[row * inputs..<(row + 1) * inputs].map(Double.init), scales: scales,
          sharedScale: sharedScale, inputWidth: inputWidth, bias: realBias[row],
          smallestStep: smallestStep, isAlone: layer.outputs == 1, width: width,
          rounding: rounding, row: row, keepsStep: keepsStep)
      }
    }
    var rows = made(smallestStep, keepsStep ? nil : rounding)
    if keepsStep { rows = made(rows.map(\.step).max() ?? smallestStep, rounding) }
    weights.reserveCapacity(real.count)
    for row in rows { weights += row.codes }
    steps = rows.map(\.step)
    bias = zip(realBias, steps).map { $0 / $1 }
  }
}

/// One row of weights in codes.
private struct Row: Sendable {
  let codes: [Int8]
  let step: Double

  init(
    _ real: [Double], scales: [Double], sharedScale: Double?, inputWidth: CodeWidth,
    bias: Double, smallestStep: Double, isAlone: Bool, width: WeightWidth, rounding: RowRounding?,
    row: Int, keepsStep: Bool
  ) {
    let largestCode = Double(width.range.upperBound)
    // One shared scale stays outside the row's scale, so that input scale * row scale is formed as
    // the contract says.
    let inputScale = sharedScale ?? 1
    let folded = sharedScale == nil ? zip(real, scales).map { $0 * $1 } : real
    let largest = folded.reduce(0) { max($0, abs($1)) }
    let sum = folded.reduce(0) { $0 + abs($1) }
    // Rounding adds at most half a code to each weight.
    let room = 0x1.8p30 / Double(inputWidth.largestMagnitude) - Double(real.count) / 2
    let smallest = max(
      // The accumulator bound: the weights' share of 2^31 is three quarters.
      inputScale * (sum / max(room, 1)),
      // The bias has to stay within 2^30 together with the folded zero points.
      abs(bias) / 0x1p28,
      smallestStep)
    let least = max(inputScale * (largest / largestCode), smallest)
    var step = inputScale * (least / inputScale).upToBinary32
    if isAlone, Float(step).isNormal { step = Double(Float(step)) }
    let unit = step / inputScale
    let scaled = folded.map { $0 / unit }
    if let rounding {
      let better = rounding.codes(
        scaled, width, row: row, step: step, keepsStep: keepsStep)
      // Handing errors on may pass what the bound leaves; then the nearest codes stay.
      let sum = better.codes.reduce(0) { $0 + abs($1) }
      if sum * Double(inputWidth.largestMagnitude) < 0x1.8p30, step * better.step >= smallest {
        codes = better.codes.map { Int8($0) }
        self.step =
          better.step == 1
          ? step : inputScale * (step * better.step / inputScale).upToBinary32
        return
      }
    }
    codes = Self.nearest(scaled, largest: largestCode)
    self.step = step
  }

  /// Each weight in the code nearest to it, ties away from zero.
  private static func nearest(_ weights: [Double], largest: Double) -> [Int8] {
    var codes = [Int8](repeating: 0, count: weights.count)
    unsafe codes.withUnsafeMutableBufferPointer { codes in
      unsafe weights.withUnsafeBufferPointer { weights in
        for index in 0..<codes.count {
          let code = unsafe min(max(weights[index], -largest), largest).roundedAwayFromZero
          // The low bits of 1.5 * 2^52 and an integer are the integer.
          unsafe codes[index] = Int8(truncatingIfNeeded: (code + 0x1.8p52).bitPattern)
        }
      }
    }
    return codes
  }
}
