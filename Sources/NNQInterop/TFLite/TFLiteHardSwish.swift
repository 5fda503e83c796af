// SPDX-License-Identifier: Apache-2.0
import NNQFormat

/// The hard swish of int8 codes as LiteRT's reference kernel computes it, in 16 bits.
///
/// - Source: LiteRT's reference kernel, whose steps and roundings these are: the input in 128ths of a
///   code, once in units of the output and once as `relu6(x + 3) / 6` in 1/32,768.
struct TFLiteHardSwish {
  private let taken: CodeStep
  private let made: CodeStep
  private let output: (multiplier: Int, exponent: Int)
  private let gate: (multiplier: Int, exponent: Int)

  /// Nil where the output's codes are finer than 128ths of the input's.
  init?(from taken: CodeStep, to made: CodeStep) {
    let fine = Float(1) / 128 * taken.scale
    guard let output = Self.short(fine / made.scale),
      let gate = Self.short(fine / (Float(3) / 32_768)), output.exponent <= 0
    else { return nil }
    (self.taken, self.made, self.output, self.gate) = (taken, made, output, gate)
  }

  func code(_ code: Int) -> Int8 {
    let fine = (code - taken.zeroPoint) << 7
    let scaled = Self.roundedProduct(fine, output.multiplier)
    var open = fine
    if gate.exponent > 0 { open = Self.saturated(open, shift: gate.exponent - 1) }
    open = Self.roundedProduct(open, gate.multiplier)
    if gate.exponent > 0 { open = Self.saturated(open, shift: 1) }
    if gate.exponent < 0 { open = Self.divided(open, shift: -gate.exponent) }
    open = (open + 1 << 15) >> 1
    let product = open * scaled / 32_768
    let result = Self.divided(product, shift: -output.exponent) + made.zeroPoint
    return Int8(min(max(result, -128), 127))
  }

  /// A factor as a multiplier of 15 bits and an exponent.
  private static func short(_ real: Float) -> (multiplier: Int, exponent: Int)? {
    guard let factor = FixedPointMultiplier(Double(real)) else { return nil }
    let short = factor.multiplier < 0x7FFF_8000 ? (factor.multiplier + 1 << 15) >> 16 : 0x7FFF
    return (Int(short), 31 - factor.shift)
  }

  /// `a * b / 2^15`, to nearest, halves up.
  private static func roundedProduct(_ a: Int, _ b: Int) -> Int { (a * b + 1 << 14) >> 15 }

  private static func saturated(_ value: Int, shift: Int) -> Int {
    min(max(value << min(shift, 16), -32_768), 32_767)
  }

  /// A number over a power of two, to nearest, halves away from zero.
  private static func divided(_ value: Int, shift: Int) -> Int {
    guard shift > 0 else { return value }
    let half = 1 << (shift - 1)
    return (value + half - (value < 0 ? 1 : 0)) >> shift
  }
}
