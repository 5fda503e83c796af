// SPDX-License-Identifier: Apache-2.0

/// Elementary functions from additions, multiplications and divisions alone.
///
/// IEEE 754 rounds each of these in one way, so the results are the same bits on every CPU. Those of
/// a C library are not: it picks its code by the CPU.
public enum PortableMath {
  private static let ln2High = 0x1.62e42fee00000p-1
  private static let ln2Low = 0x1.a39ef35793c76p-33

  /// The natural logarithm; minus infinity for 0, not a number below.
  ///
  /// - Error: below 2 units in the last place.
  public static func log(_ x: Double) -> Double {
    guard x > 0, x < .infinity else { return x == 0 ? -.infinity : x > 0 ? x : .nan }
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

  /// The exponential of any number; 0 and infinity where it leaves binary64.
  ///
  /// - Error: below 2 units in the last place of a normal result.
  public static func exp(_ x: Double) -> Double {
    guard abs(x) < 800 else { return x > 0 ? .infinity : x < 0 ? 0 : .nan }
    let octaves = (x / (ln2High + ln2Low)).rounded()
    let rest = (x - octaves * ln2High) - octaves * ln2Low
    // |rest| < 0.347: the terms left out are below 2^-57.
    var series = 0.0
    let factors = inverseFactorials
    for index in factors.indices { series = series * rest + factors[index] }
    return Double(sign: .plus, exponent: Int(octaves), significand: series)
  }

  /// 1/14!, 1/13!, ... 1/1!, 1/0!
  private static let inverseFactorials: InlineArray<15, Double> = {
    var factors = InlineArray<15, Double>(repeating: 1)
    var factorial = 1.0
    for index in 1...14 {
      factorial *= Double(index)
      factors[14 - index] = 1 / factorial
    }
    return factors
  }()

  /// The hyperbolic tangent of any number.
  ///
  /// - Error: below 1e-14 of the result.
  public static func tanh(_ x: Double) -> Double {
    let size = abs(x)
    if size < 0.02 {
      // The terms left out are below 1e-15 of the sum.
      let square = x * x
      return x * (1 - square * (1.0 / 3 - square * (2.0 / 15 - square * (17.0 / 315))))
    }
    let decay = exp(-2 * size)
    let result = (1 - decay) / (1 + decay)
    return x < 0 ? -result : result
  }

  /// `1 / (1 + exp(-x))` of any number.
  ///
  /// - Error: below 4 units in the last place of a normal result.
  public static func sigmoid(_ x: Double) -> Double {
    let decay = exp(-abs(x))
    return x >= 0 ? 1 / (1 + decay) : decay / (1 + decay)
  }

  /// The cosine and the sine of an angle in turns: 1 is the whole circle.
  ///
  /// - Error: below 1e-15.
  public static func circle(turns: Double) -> (cosine: Double, sine: Double) {
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
