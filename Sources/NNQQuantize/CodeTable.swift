// SPDX-License-Identifier: Apache-2.0
import NNQFormat
import NNQReference

/// A function of codes as a table, whose values are in the narrowest codes of the same bits.
struct CodeTable {
  let output: AffineCodes
  let table: FlatImage.Layer.Table

  init(_ activation: Activation, of taken: AffineCodes) {
    // A table of 16-bit codes has an entry each 128 codes, the last one just above the highest.
    let codes =
      switch taken.width {
      case .eight: Array(taken.width.range)
      case .sixteen: Array(stride(from: -32_768, through: 32_768, by: 128))
      }
    let values = codes.map { activation(taken.real($0)) }
    // Not the values at the ends: some of these functions fall before they rise.
    let output = AffineCodes(
      covering: (values.min() ?? 0)...(values.max() ?? 0), width: taken.width)
    self.output = output
    table =
      switch taken.width {
      case .eight: .eight(values.map { Int8(output.code($0)) })
      case .sixteen: .sixteen(values.map { Int16(output.code($0)) })
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
