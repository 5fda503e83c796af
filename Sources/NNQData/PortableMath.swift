// SPDX-License-Identifier: Apache-2.0

/// Elementary functions from additions, multiplications and divisions alone.
///
/// IEEE 754 rounds each of these in one way, so the results are the same bits on every CPU. Those of
/// a C library are not: it picks its code by the CPU.
enum PortableMath {
  private static let ln2High = 0x1.62e42fee00000p-1
  private static let ln2Low = 0x1.a39ef35793c76p-33

  /// The natural logarithm of a positive normal number.
  ///
  /// - Error: below 2 units in the last place.
  static func log(_ x: Double) -> Double {
    var exponent = Double(x.exponent)
    var fraction = x.significand
    if fraction > 2.0.squareRoot() {
      fraction /= 2
      exponent += 1
    }
    // ln(f) = 2 artanh(s), |s| < 0.1716: the terms left out are below 2^-57 of the sum.
    let s = (fraction - 1) / (fraction + 1)
    let square = s * s
    var series = 0.0
    for odd in stride(from: 21.0, through: 3, by: -2) { series = (series + 1 / odd) * square }
    return exponent * ln2High + (exponent * ln2Low + 2 * s * series + 2 * s)
  }

  /// The exponential of a number in -700 ... 700.
  ///
  /// - Error: below 2 units in the last place.
  static func exp(_ x: Double) -> Double {
    let octaves = (x / (ln2High + ln2Low)).rounded()
    let rest = (x - octaves * ln2High) - octaves * ln2Low
    // |rest| < 0.347: the terms left out are below 2^-57.
    var series = 1.0
    for divisor in stride(from: 14.0, through: 1, by: -1) { series = 1 + series * rest / divisor }
    return Double(sign: .plus, exponent: Int(octaves), significand: series)
  }

  /// The cosine and the sine of an angle in turns: 1 is the whole circle.
  ///
  /// - Error: below 1e-15.
  static func circle(turns: Double) -> (cosine: Double, sine: Double) {
    let quarters = (turns * 4).rounded()
    let angle = (turns - quarters / 4) * (2 * Double.pi)
    let square = angle * angle
    // |angle| < 0.786: the terms left out are below 2^-57.
    var cosine = 1.0
    var sine = 1.0
    for even in stride(from: 16.0, through: 2, by: -2) {
      cosine = 1 - cosine * square / (even * (even - 1))
      sine = 1 - sine * square / (even * (even + 1))
    }
    sine *= angle
    switch quarters - 4 * (quarters / 4).rounded(.down) {
    case 1: return (-sine, cosine)
    case 2: return (-cosine, -sine)
    case 3: return (sine, -cosine)
    default: return (cosine, sine)
    }
  }
}
