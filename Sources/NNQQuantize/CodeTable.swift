// SPDX-License-Identifier: Apache-2.0
package import NNQFormat
import NNQReference

/// A function of codes as a table.
struct CodeTable {
  let output: AffineCodes
  let table: FlatImage.Layer.Table

  /// - Parameters:
  ///   - taken: the codes that are looked up.
  ///   - width: of the codes that are handed on; 16 bits only for 16 bits.
  ///   - used: the arguments whose values the codes are fitted to; nil for all that can occur.
  ///     Beyond their values the codes saturate.
  ///   - given: the codes that are handed on; nil fits them.
  /// - Source: the 16-bit table ahead of 8-bit codes is what TensorFlow Lite does for 16-bit tanh, with
  ///   the output's scale fitted to the calibration rows.
  init(
    _ activation: Activation, of taken: AffineCodes, handingOn width: CodeWidth,
    for used: ClosedRange<Double>? = nil, in given: AffineCodes? = nil
  ) {
    let codes = FlatImage.Layer.Table.codes(taken.width)
    let values = codes.map { activation(taken.real($0)) }
    // Not the values at the ends: some of these functions fall before they rise.
    var fitted = zip(codes, values).filter { code, _ in
      used?.contains(taken.real(code)) ?? true
    }.map(\.1)
    if let used { fitted += [activation(used.lowerBound), activation(used.upperBound)] }
    let output =
      given
      ?? AffineCodes(covering: (fitted.min() ?? 0)...(fitted.max() ?? 0), width: width)
    self.output = output
    table = FlatImage.Layer.Table(values: values, of: taken.width, in: output)
  }
}

extension FlatImage.Layer.Table {
  /// The codes for which a table has entries: each of 8 bits, and of 16 bits each 128th, the last one
  /// just above the highest.
  package static func codes(_ width: CodeWidth) -> [Int] {
    switch width {
    case .eight: Array(width.range)
    case .sixteen: Array(stride(from: -32_768, through: 32_768, by: 128))
    }
  }

  /// - Parameters:
  ///   - values: for each of the codes of ``codes(_:)``.
  ///   - output: the codes that are handed on.
  /// - Rounding: to nearest, half up; entries of a table of 16-bit codes that hands on 8 bits have 8
  ///   more bits.
  package init(values: [Double], of width: CodeWidth, in output: AffineCodes) {
    self =
      switch (width, output.width) {
      case (.eight, _): .eight(values.map { Int8(output.code($0)) })
      case (.sixteen, .sixteen): .sixteen(values.map { Int16(output.code($0)) })
      case (.sixteen, .eight):
        .sixteen(
          values.map {
            let code = (($0 / output.scale + Double(output.zeroPoint)) * 256 + 0.5).rounded(.down)
            return Int16(min(max(code, -32_768), 32_767))
          })
      }
  }
}

extension Activation {
  /// The 8-bit codes that TFLite demands behind the function; nil where it demands none.
  var fixedCodes: AffineCodes? {
    switch self {
    case .tanh: AffineCodes(scale: 1 / 128, zeroPoint: 0, width: .eight)
    case .sigmoid: AffineCodes(scale: 1 / 256, zeroPoint: -128, width: .eight)
    default: nil
    }
  }

  /// Where the function changes by more than about half a step of its codes; 0 lies within.
  func steepRange(_ width: CodeWidth) -> ClosedRange<Double> {
    let all = -Double.infinity...Double.infinity
    // An exponential tail that is half a step of 8 bits is below one of 16 bits at twice the place.
    let reach = width == .eight ? 1.0 : 2
    return switch self {
    case .tanh: -3.2 * reach...3.2 * reach
    case .sigmoid: -6.4 * reach...6.4 * reach
    case .gelu, .geluTanh: -3.2 * reach...all.upperBound
    case .silu: -7 * reach...all.upperBound
    case .hardSwish: -3...all.upperBound
    case .identity, .relu, .leakyRelu, .relu6: all
    }
  }
}
