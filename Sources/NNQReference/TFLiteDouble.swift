// SPDX-License-Identifier: Apache-2.0
import NNQFormat

/// The rule with two roundings.
///
/// - Source: `MultiplyByQuantizedMultiplier` of TFLite without `TFLITE_SINGLE_ROUNDING`, made of
///   gemmlowp's `SaturatingRoundingDoublingHighMul` and `RoundingDivideByPOT`.
enum TFLiteDouble {
  /// The sum times the factor.
  ///
  /// - Range: every sum. A factor of 1 or more shifts the sum first, in 32 bits, where it wraps.
  /// - Rounding: twice to nearest, first of the doubled high half, ties up, then by the power of two,
  ///   ties away from zero. With multiplier 2^30 and shift 32 (a factor of 1/4):  1 -> 1 (by way of
  ///   1/2, which becomes 1),  -1 -> 0,  2 -> 1,  -2 -> -1,  6 -> 2,  -6 -> -2.
  static func requantize(_ sum: Int32, _ factor: FixedPointMultiplier) -> Int32 {
    let exponent = 31 - factor.shift
    let shifted = exponent > 0 ? sum << Int32(exponent) : sum
    let product = doublingHighProduct(shifted, factor.multiplier)
    return exponent < 0 ? divided(product, byPowerOfTwo: -exponent) : product
  }

  /// `a * b / 2^31` to nearest, ties up.
  ///
  /// - Range: `b` is above 0, so the one case that saturates, -2^31 twice, cannot come up.
  private static func doublingHighProduct(_ a: Int32, _ b: Int32) -> Int32 {
    let product = Int64(a) * Int64(b)
    let nudge: Int64 = product >= 0 ? 1 << 30 : 1 - 1 << 30
    return Int32((product + nudge) / (1 << 31))
  }

  /// The quotient to nearest, ties away from zero.
  ///
  /// - Range: an exponent in 1 ... 31.
  private static func divided(_ x: Int32, byPowerOfTwo exponent: Int) -> Int32 {
    let mask = Int32(truncatingIfNeeded: 1 << Int64(exponent) - 1)
    let remainder = x & mask
    let threshold = mask >> 1 + (x < 0 ? 1 : 0)
    return x >> Int32(exponent) + (remainder > threshold ? 1 : 0)
  }
}
