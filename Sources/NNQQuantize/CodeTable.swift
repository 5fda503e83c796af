// SPDX-License-Identifier: Apache-2.0
import NNQFormat
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
  /// - Rounding: entries to nearest, half up; those for 8 bits have 8 more bits.
  /// - Source: the 16-bit table ahead of 8-bit codes is what TensorFlow Lite does for 16-bit tanh, with
  ///   the output's scale fitted to the calibration rows.
  init(
    _ activation: Activation, of taken: AffineCodes, handingOn width: CodeWidth,
    for used: ClosedRange<Double>? = nil
  ) {
    // A table of 16-bit codes has an entry each 128 codes, the last one just above the highest.
    let codes =
      switch taken.width {
      case .eight: Array(taken.width.range)
      case .sixteen: Array(stride(from: -32_768, through: 32_768, by: 128))
      }
    let values = codes.map { activation(taken.real($0)) }
    // Not the values at the ends: some of these functions fall before they rise.
    var fitted = zip(codes, values).filter { code, _ in
      used?.contains(taken.real(code)) ?? true
    }.map(\.1)
    if let used { fitted += [activation(used.lowerBound), activation(used.upperBound)] }
    let output = AffineCodes(
      covering: (fitted.min() ?? 0)...(fitted.max() ?? 0), width: width)
    self.output = output
    table =
      switch (taken.width, width) {
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
