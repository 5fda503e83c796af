// SPDX-License-Identifier: Apache-2.0
import NNQFormat
import NNQMath
import NNQReference

/// Activations of int8 codes as LiteRT's reference kernels compute them.
enum TFLiteTable {
  /// The code for each of -128 ... 127; nil where a factor leaves its range.
  ///
  /// - Rounding: tanh, sigmoid and GELU are rounded to binary32, then to the nearest code, halves away from
  ///   zero; a C library whose tanhf is off in its last bit gives another code in one of 10^6. A
  ///   ReLU on its own rescales with two roundings, other than one that is built into a layer.
  static func codes(
    _ activation: Activation, from taken: CodeStep, to made: CodeStep
  ) -> [Int8]? {
    let range = CodeWidth.eight.range
    switch activation {
    case .identity, .silu: return nil
    case .hardSwish:
      guard let function = TFLiteHardSwish(from: taken, to: made) else { return nil }
      return range.map(function.code)
    case .relu, .relu6:
      guard let factor = FixedPointMultiplier(Double(taken.scale / made.scale)) else { return nil }
      let highest = activation == .relu6 ? made.code(6) : range.upperBound
      return range.map { code in
        let scaled = Int64(made.zeroPoint) + rescaled(max(code - taken.zeroPoint, 0), factor)
        return Int8(min(scaled, Int64(highest)))
      }
    case .leakyRelu(let slope):
      let scale = Double(taken.scale) / Double(made.scale)
      guard let factor = FixedPointMultiplier(scale) else { return nil }
      let small = FixedPointMultiplier(Double(taken.scale * slope.magnitude) / Double(made.scale))
      guard let small = slope == 0 ? factor : small else { return nil }
      return range.map { code in
        let distance = code - taken.zeroPoint
        let scaled =
          distance >= 0
          ? rescaled(distance, factor)
          : slope == 0 ? 0 : rescaled(slope < 0 ? -distance : distance, small)
        let result = Int64(made.zeroPoint) + scaled
        return Int8(min(max(result, Int64(range.lowerBound)), Int64(range.upperBound)))
      }
    case .tanh, .sigmoid, .gelu, .geluTanh:
      let inverse = 1 / made.scale
      guard inverse.isFinite else { return nil }
      return range.map { code in
        let value = taken.scale * Float(code - taken.zeroPoint)
        let result =
          activation == .sigmoid
          ? 1 / (1 + Float(PortableMath.exp(Double(-value)))) : activation(value)
        let scaled = (result * inverse).rounded(.toNearestOrAwayFromZero) + Float(made.zeroPoint)
        return Int8(min(max(scaled, Float(range.lowerBound)), Float(range.upperBound)))
      }
    }
  }

  /// A number within ±255 times a factor, rounded to 31 bits and then to a whole number.
  ///
  /// - Rounding: twice to nearest, first halves up, then away from zero: 1 * 0.42 = 0.84 / 2 -> 1 / 2
  ///   -> 1, and -1 * 0.5 -> 0.
  private static func rescaled(_ number: Int, _ factor: FixedPointMultiplier) -> Int64 {
    let exponent = 31 - factor.shift
    // A factor beyond 2^20 leaves every code's range; so far the product fits 64 bits.
    let shifted = Int64(number) << Int64(min(max(exponent, 0), 20))
    let product = (shifted * Int64(factor.multiplier) + 1 << 30) >> 31
    guard exponent < 0 else { return product }
    // The shift rounds down, which a half below zero is to do and one above is not.
    let half = Int64(1) << Int64(-exponent - 1)
    return (product + half - (product < 0 ? 1 : 0)) >> Int64(-exponent)
  }
}
