// SPDX-License-Identifier: Apache-2.0

/// A positive real factor as `multiplier / 2^shift`.
public struct FixedPointMultiplier: Equatable, Sendable {
  /// 2^30 ... 2^31 - 1
  public let multiplier: Int32
  /// 1 ... 62
  public let shift: Int

  public static let multipliers: ClosedRange<Int32> = 1 << 30...Int32.max
  public static let shifts: ClosedRange<Int> = 1...62

  /// Nil when a part is out of its range.
  public init?(multiplier: Int32, shift: Int) {
    guard Self.multipliers.contains(multiplier), Self.shifts.contains(shift) else { return nil }
    self.multiplier = multiplier
    self.shift = shift
  }

  /// The nearest factor; nil when `real` is not a positive number or needs a shift outside 1 ... 62.
  ///
  /// - Rounding: the binary fraction in 1/2 ..< 1 to 31 bits, half up.
  /// - Source: the arithmetic contract, <doc:Numerics>.
  public init?(_ real: Double) {
    guard let parts = BinaryFraction(real) else { return nil }
    self.init(multiplier: parts.fraction, shift: 31 - parts.exponent)
  }

  /// The exact value.
  public var real: Double { Double(sign: .plus, exponent: -shift, significand: Double(multiplier)) }
}

/// A positive real as `fraction * 2^(exponent - 31)` with a fraction of 31 bits.
package struct BinaryFraction: Equatable, Sendable {
  /// 2^30 ... 2^31 - 1
  package let fraction: Int32
  package let exponent: Int

  /// Nil when `real` is not finite and above 0.
  package init?(_ real: Double) {
    guard real.isFinite, real > 0 else { return nil }
    // `significand` is in 1 ..< 2, so the fraction in 1/2 ..< 1 has one more in its exponent.
    let scaled = (real.significand * 0x1p30 + 0.5).rounded(.down)
    let carries = scaled == 0x1p31
    fraction = carries ? 1 << 30 : Int32(scaled)
    exponent = Int(real.exponent) + (carries ? 2 : 1)
  }
}

/// Scales an accumulator to another step: `floor((x * multiplier + 2^(shift-1)) / 2^shift)`.
///
/// - Range: |x| <= 2^31, so that |x * multiplier| <= 2^62.
/// - Rounding: once, to nearest, ties toward +infinity. With multiplier 2^30 and shift 32 (a factor
///   of 1/4):  2 -> 1,  -2 -> 0,  6 -> 2,  -6 -> -1.
/// - Error: exact in 64 bits before the single rounding.
/// - Source: the arithmetic contract, <doc:Numerics>; equals the C runtime's bit for bit.
@inlinable
public func requantize(_ x: Int64, _ factor: FixedPointMultiplier) -> Int64 {
  let product = x * Int64(factor.multiplier)
  return (product + (1 &<< Int64(factor.shift - 1))) &>> Int64(factor.shift)
}
