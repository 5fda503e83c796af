// SPDX-License-Identifier: Apache-2.0
import NNQFormat

/// The rule that scales in binary32.
///
/// - Source: XNNPACK's `qs8` fully connected kernels (`fp32` requantization), which LiteRT runs int8
///   networks with unless it is told otherwise. They form the scale of a row as
///   `input_scale * kernel_scale / output_scale`, operation by operation in binary32.
enum LiteRTFloat {
  /// The binary32 scale of a row.
  ///
  /// - Parameters:
  ///   - taken: the scale of the codes taken in, `made` that of the codes handed on; where one is
  ///     not known the factor itself is rounded.
  /// - Error: a weight scale of binary32 comes back from the factor exactly, because the factor is
  ///   within 2^-31 of its share; the scale of a row is then XNNPACK's bit for bit.
  static func scale(_ factor: FixedPointMultiplier, taken: Double?, made: Double?) -> Float {
    guard let taken, let made else { return Float(factor.real) }
    let weights = Float(factor.real * Double(Float(made)) / Double(Float(taken)))
    return Float(taken) * weights / Float(made)
  }

  /// The code of a sum: scaled, clamped, rounded.
  ///
  /// - Range: every sum; one beyond 2^24 is rounded to binary32 first.
  /// - Rounding: to nearest, ties to even, before the zero point is added. With a scale of 1/4 and
  ///   zero point 0:  2 -> 0,  -2 -> 0,  6 -> 2,  -6 -> -2.
  static func code(
    _ sum: Int32, _ scale: Float, zeroPoint: Int64, _ range: ClosedRange<Int64>
  ) -> Int64 {
    let scaled = Float(sum) * scale
    let lowest = Float(range.lowerBound - zeroPoint)
    let highest = Float(range.upperBound - zeroPoint)
    let rounded = min(max(scaled, lowest), highest).rounded(.toNearestOrEven)
    return Int64(rounded) + zeroPoint
  }
}
