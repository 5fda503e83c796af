// SPDX-License-Identifier: Apache-2.0
import NNQFormat
import NNQMath

/// Activations of int8 codes as LiteRT's reference kernels compute them.
enum TFLiteTable {
  /// The code for each of -128 ... 127; nil where a factor leaves its range.
  ///
  /// - Rounding: tanh and sigmoid are rounded to binary32, then to the nearest code, halves away from
  ///   zero; a C library whose tanhf is off in its last bit gives another code in one of 10^6. A
  ///   ReLU on its own rescales with two roundings, other than one that is built into a layer.
  static func codes(
    _ activation: Activation.Kind, from taken: CodeStep,
    to made: CodeStep,
    ceiling: Float?
  ) -> [Int8]? {
    let range = CodeWidth.eight.range
    switch activation {
    case .identity, .leakyRelu, .relu6, .gelu, .geluTanh, .silu, .hardSwish: return nil
    case .relu:
      guard let factor = FixedPointMultiplier(Double(taken.scale / made.scale)) else { return nil }
      let six = ceiling.map {
        ($0 / made.scale).rounded(.toNearestOrAwayFromZero) + Float(made.zeroPoint)
      }
      let highest = Int64(min(Float(range.upperBound), six ?? .infinity))
      return range.map { code in
        let scaled = Int64(made.zeroPoint) + rescaled(max(code - taken.zeroPoint, 0), factor)
        return Int8(min(scaled, highest))
      }
    case .tanh, .sigmoid:
      let inverse = 1 / made.scale
      guard inverse.isFinite else { return nil }
      return range.map { code in
        let value = taken.scale * Float(code - taken.zeroPoint)
        let result =
          activation == .tanh
          ? Float(PortableMath.tanh(Double(value)))
          : 1 / (1 + Float(PortableMath.exp(Double(-value))))
        let scaled = (result * inverse).rounded(.toNearestOrAwayFromZero) + Float(made.zeroPoint)
        return Int8(min(max(scaled, Float(range.lowerBound)), Float(range.upperBound)))
      }
    }
  }

  /// A number in 0 ... 255 times a factor, rounded to 31 bits and then to a whole number.
  ///
  /// - Rounding: twice to nearest, halves up: 1 * 0.42 = 0.84 / 2 -> 1 / 2 -> 1.
  private static func rescaled(_ number: Int, _ factor: FixedPointMultiplier) -> Int64 {
    let exponent = 31 - factor.shift
    // A factor beyond 2^20 leaves every code's range; so far the product fits 64 bits.
    let shifted = Int64(number) << Int64(min(max(exponent, 0), 20))
    let product = (shifted * Int64(factor.multiplier) + 1 << 30) >> 31
    return exponent < 0 ? (product + 1 << Int64(-exponent - 1)) >> Int64(-exponent) : product
  }
}
