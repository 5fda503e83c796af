// SPDX-License-Identifier: Apache-2.0
import NNQFormat
import NNQReference

/// How a layer's sums become the codes that it hands on: a clamp, or a clamp and a table.
struct ActivationCodes {
  /// The codes that the requantized sum is written in.
  let sums: AffineCodes
  /// The codes that the layer hands on.
  let output: AffineCodes
  let lowest: Int
  let highest: Int
  let table: [Int8]?

  /// - Parameters:
  ///   - sumRange: of the weighted sums, seen on the calibration rows.
  ///   - outputRange: of what the float layer hands on.
  ///   - margin: the factor on the range.
  init(
    _ activation: Activation, sumRange: ClosedRange<Double>, outputRange: ClosedRange<Double>,
    width: CodeWidth, margin: Double
  ) {
    switch activation {
    case .identity, .relu:
      let codes = AffineCodes(covering: outputRange.widened(margin), width: width)
      sums = codes
      output = codes
      lowest = activation == .relu ? codes.zeroPoint : width.range.lowerBound
      highest = width.range.upperBound
      table = nil
    case .tanh, .sigmoid:
      // Beyond this the function is flat to within half a step of its output codes.
      let flat = activation == .tanh ? 3.2 : 6.4
      let widened = sumRange.widened(margin)
      let low = max(widened.lowerBound, -flat)
      let high = min(widened.upperBound, flat)
      sums = AffineCodes(covering: min(low, 0)...max(high, 0), width: .eight)
      let codes = CodeWidth.eight.range
      let ends = [codes.lowerBound, codes.upperBound].map { [sums] in activation(sums.real($0)) }
      output = AffineCodes(covering: ends[0]...ends[1], width: .eight)
      lowest = codes.lowerBound
      highest = codes.upperBound
      table = codes.map { [sums, output] in Int8(output.code(activation(sums.real($0)))) }
    }
  }
}
