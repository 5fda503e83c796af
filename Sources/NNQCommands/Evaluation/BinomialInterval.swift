// SPDX-License-Identifier: Apache-2.0
import Glibc

/// The exact interval of Clopper and Pearson for the share behind `hits` of `trials`.
///
/// It holds the true share with at least the given confidence, whatever the share is.
///
/// - Range: `0 <= hits <= trials`, `confidence` in 0 ..< 1. Without trials it is 0 ... 1.
/// - Error: each end is found to the last place where the tail itself is exact; the tail's relative
///   error is about 1e-16 times the logarithm of the binomial coefficient, so below 1e-8 up to ten
///   million trials.
/// - Source: C. J. Clopper and E. S. Pearson, "The use of confidence or fiducial limits illustrated in
///   the case of the binomial", Biometrika 26 (1934).
func binomialInterval(
  hits: Int, trials: Int, confidence: Double = 0.95
) -> ClosedRange<Double> {
  precondition(0...trials ~= hits && 0..<1 ~= confidence)
  let tail = (1 - confidence) / 2
  // At the lower end, `hits` or more would be seen with the chance `tail`; at the upper end, `hits`
  // or fewer.
  let lower =
    hits == 0
    ? 0 : betaQuantile(tail, Double(hits), Double(trials - hits) + 1)
  let upper =
    hits == trials
    ? 1 : 1 - betaQuantile(tail, Double(trials - hits), Double(hits) + 1)
  // For a confidence near 0 the two ends meet, and rounding must not cross them.
  return min(lower, upper)...max(lower, upper)
}

/// The x for which ``incompleteBeta(_:_:_:)`` is `probability`, by bisection.
func betaQuantile(_ probability: Double, _ a: Double, _ b: Double) -> Double {
  var low = 0.0
  var high = 1.0
  while true {
    let middle = (low + high) / 2
    guard low < middle, middle < high else { return middle }
    if incompleteBeta(middle, a, b) < probability { low = middle } else { high = middle }
  }
}

/// The regularized incomplete beta function I_x(a, b): the chance of `a` or more hits in `a + b - 1`
/// trials of chance x.
///
/// - Range: x in 0 ... 1, a and b above 0.
/// - Source: NIST Digital Library of Mathematical Functions, 8.17.22 (continued fraction) and 8.17.4
///   (reflection), evaluated by the method of Lentz.
func incompleteBeta(_ x: Double, _ a: Double, _ b: Double) -> Double {
  guard x > 0 else { return 0 }
  guard x < 1 else { return 1 }
  // The fraction converges fast on this side of the mean; on the other side its reflection does.
  guard x <= (a + 1) / (a + b + 2) else { return 1 - incompleteBeta(1 - x, b, a) }
  let logarithm = logGamma(a + b) - logGamma(a) - logGamma(b) + a * log(x) + b * log1p(-x)
  return exp(logarithm) / a * betaFraction(x, a, b)
}

private func betaFraction(_ x: Double, _ a: Double, _ b: Double) -> Double {
  // Stands for 0 in a denominator.
  let tiny = 1e-300
  func nonzero(_ value: Double) -> Double { abs(value) < tiny ? tiny : value }

  var c = 1.0
  var d = 1 / nonzero(1 - (a + b) * x / (a + 1))
  var fraction = d
  // The number of terms grows with the root of the larger parameter; the bound ends a loop that
  // rounding would keep alive.
  for m in 1...1000 + Int(10 * (a + b).squareRoot()) {
    let m = Double(m)
    let even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
    d = 1 / nonzero(1 + even * d)
    c = nonzero(1 + even / c)
    fraction *= d * c
    let odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
    d = 1 / nonzero(1 + odd * d)
    c = nonzero(1 + odd / c)
    fraction *= d * c
    if abs(d * c - 1) <= .ulpOfOne { break }
  }
  return fraction
}

private func logGamma(_ x: Double) -> Double {
  var sign: Int32 = 0
  return unsafe lgamma_r(x, &sign)
}
