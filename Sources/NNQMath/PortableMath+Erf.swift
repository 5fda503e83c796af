// SPDX-License-Identifier: Apache-2.0

extension PortableMath {
  private static let twoOverRootPi = 0x1.20dd750429b6dp+0
  /// From here on the fraction converges in fewer steps than the series.
  private static let border = 2.5

  /// The error function, `2 / sqrt(pi)` times the integral of `exp(-t^2)` from 0 to x.
  ///
  /// - Error: below 1e-15 of the result.
  public static func erf(_ x: Double) -> Double {
    let size = abs(x)
    guard size >= border else { return x.isNaN ? x : series(x) }
    let result = 1 - tail(size)
    return x < 0 ? -result : result
  }

  /// `1 - erf(x)`, which keeps its digits where erf is near 1.
  ///
  /// - Error: below 1e-13 of a normal result.
  public static func erfc(_ x: Double) -> Double {
    guard !x.isNaN else { return x }
    if x <= -border { return 2 - tail(-x) }
    return x < 1 ? 1 - series(x) : tail(x)
  }

  /// erf where |x| is below ``border``:
  /// `2 / sqrt(pi) * exp(-x^2) * sum of 2^k x^(2k+1) / (1 * 3 * ... * (2k+1))`, whose terms have one
  /// sign, so that nothing cancels.
  ///
  /// - Source: Abramowitz and Stegun 1964, 7.1.6.
  private static func series(_ x: Double) -> Double {
    let square = x * x
    var sum = 0.0
    // |x| < 2.5: the terms left out are below 2^-57 of the sum.
    for odd in stride(from: 91.0, through: 3, by: -2) { sum = (1 + sum) * (2 * square / odd) }
    return twoOverRootPi * x * exp(-square) * (1 + sum)
  }

  /// erfc from 1 on, by the continued fraction
  /// `exp(-x^2) / sqrt(pi) * 1 / (x + (1/2) / (x + 1 / (x + (3/2) / (x + ...))))`.
  ///
  /// - Source: Abramowitz and Stegun 1964, 7.1.14.
  private static func tail(_ x: Double) -> Double {
    // exp(-x^2) is 0 from 27.3 on.
    guard x < 28 else { return 0 }
    var rest = x
    // The fraction converges the slower the smaller x is.
    let steps = x < border ? 400.0 : 100
    for step in stride(from: steps, through: 1, by: -1) { rest = x + step / 2 / rest }
    return twoOverRootPi / 2 * exponentialOfMinusSquare(x) / rest
  }

  /// exp(-x^2) with the part of the square that binary64 does not hold.
  private static func exponentialOfMinusSquare(_ x: Double) -> Double {
    // The upper half of the digits squares exactly; (x - high) * (x + high) is the rest.
    let high = (x * 0x1p20).rounded() * 0x1p-20
    return exp(-high * high) * exp(-(x - high) * (x + high))
  }
}
