// SPDX-License-Identifier: Apache-2.0

/// The mean of what was seen and where the mean of all that could be seen lies with a confidence of
/// 95 %.
struct StudentInterval: Equatable, Sendable {
  let mean: Double
  /// Of the mean; nil with a single value, which tells no spread.
  let error: Double?
  /// Half the width of the interval; nil as ``error``.
  let reach: Double?

  /// - Shape: not empty; one value for each independent trial.
  init(_ values: [Double]) {
    precondition(!values.isEmpty)
    let count = Double(values.count)
    let mean = values.reduce(0, +) / count
    let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    let error = values.count > 1 ? (squares / (count - 1) / count).squareRoot() : nil
    self.init(mean: mean, error: error, freedom: values.count - 1)
  }

  /// - Parameter freedom: the degrees of freedom that the error was found with.
  init(mean: Double, error: Double?, freedom: Int) {
    self.mean = mean
    self.error = error
    reach = error.map { $0 * studentQuantile(freedom: freedom) }
  }

  /// Nil with a single value.
  var range: ClosedRange<Double>? {
    guard let reach, reach.isFinite, mean.isFinite else { return nil }
    return mean - reach...mean + reach
  }

  /// Whether 0 lies outside of the interval; false with a single value.
  var excludesZero: Bool { range.map { !$0.contains(0) } ?? false }

  var json: JSON { range.map { JSON([$0.lowerBound, $0.upperBound]) } ?? .null }
}

/// The number that a t-distributed variable exceeds in size with a chance of 5 %.
///
/// - Range: `freedom` at least 1.
/// - Source: NIST Digital Library of Mathematical Functions, 8.17: t^2 / (freedom + t^2) has a beta
///   distribution of 1/2 and freedom/2.
func studentQuantile(freedom: Int) -> Double {
  precondition(freedom >= 1)
  // Of the complement, which keeps its digits where t is large.
  let rest = betaQuantile(0.05, Double(freedom) / 2, 0.5)
  return (Double(freedom) * (1 - rest) / rest).squareRoot()
}
