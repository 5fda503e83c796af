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
  ///   - sumRange: of the sums, seen on the calibration rows.
  ///   - outputRange: of what the float layer hands on.
  ///   - margin: the factor on the range.
  init(
    _ activation: Activation, sumRange: ClosedRange<Double>, outputRange: ClosedRange<Double>,
    width: CodeWidth, margin: Double
  ) {
    switch activation {
    case .identity, .relu, .relu6:
      var range = outputRange.widened(margin)
      // The highest code is then 6 or what stands below it, so that the clamp is the function.
      if activation == .relu6 { range = range.clamped(to: 0...6) }
      let codes = AffineCodes(covering: range, width: width)
      sums = codes
      output = codes
      lowest = activation == .identity ? width.range.lowerBound : codes.zeroPoint
      highest = width.range.upperBound
      table = nil
    case .tanh, .sigmoid, .leakyRelu, .gelu, .geluTanh, .silu, .hardSwish:
      let range = sumRange.widened(margin).clamped(to: activation.steepRange)
      sums = AffineCodes(covering: range, width: .eight)
      let made = CodeTable(activation, of: sums)
      output = made.output
      lowest = CodeWidth.eight.range.lowerBound
      highest = CodeWidth.eight.range.upperBound
      table = made.codes
    }
  }
}

/// A function of 8-bit codes: the code of its value for each, in the narrowest codes that hold them.
struct CodeTable {
  let output: AffineCodes
  /// For -128 ... 127.
  let codes: [Int8]

  init(_ activation: Activation, of taken: AffineCodes) {
    let values = CodeWidth.eight.range.map { activation(taken.real($0)) }
    // Not the values at the ends: some of these functions fall before they rise.
    let codes = AffineCodes(covering: (values.min() ?? 0)...(values.max() ?? 0), width: .eight)
    output = codes
    self.codes = values.map { Int8(codes.code($0)) }
  }
}

extension Activation {
  /// Where the function changes by more than about half a step of 8-bit codes; 0 lies within.
  fileprivate var steepRange: ClosedRange<Double> {
    switch self {
    case .tanh: -3.2...3.2
    case .sigmoid: -6.4...6.4
    case .gelu, .geluTanh: -3.2...Double.infinity
    case .silu: -7...Double.infinity
    case .hardSwish: -3...Double.infinity
    case .identity, .relu, .leakyRelu, .relu6: -Double.infinity...Double.infinity
    }
  }
}
