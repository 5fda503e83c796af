// SPDX-License-Identifier: Apache-2.0

/// The numbers from one to another; every operation holds all exact results.
///
/// - Rounding: outward, by one step of binary64 after each operation.
struct Interval: Equatable, Sendable {
  var lower: Double
  var upper: Double

  /// - Range: `lower` is not above `upper`.
  init(_ lower: Double, _ upper: Double) {
    self.lower = lower
    self.upper = upper
  }

  /// One number.
  init(_ value: Double) { self.init(value, value) }

  /// `-radius ... radius`, for a radius of 0 or more.
  init(around center: Double = 0, radius: Double) {
    self.init((center - radius).nextDown, (center + radius).nextUp)
  }

  /// The size that no number in it passes.
  var magnitude: Double { max(abs(lower), abs(upper)) }
  /// Somewhere in the middle; ``radius`` is counted from here.
  var center: Double { lower / 2 + upper / 2 }
  /// The distance from ``center`` that no number in it passes.
  var radius: Double {
    let distance = max(upper - center, center - lower)
    return distance > 0 ? distance.nextUp : 0
  }

  static func + (a: Interval, b: Interval) -> Interval {
    Interval((a.lower + b.lower).nextDown, (a.upper + b.upper).nextUp)
  }

  static func - (a: Interval, b: Interval) -> Interval {
    Interval((a.lower - b.upper).nextDown, (a.upper - b.lower).nextUp)
  }

  static func * (a: Interval, b: Interval) -> Interval {
    let products = (
      a.lower * b.lower, a.lower * b.upper, a.upper * b.lower, a.upper * b.upper
    )
    return Interval(
      min(products.0, products.1, products.2, products.3).nextDown,
      max(products.0, products.1, products.2, products.3).nextUp)
  }

  static func * (a: Double, b: Interval) -> Interval { Interval(a) * b }

  /// With both ends moved outward by as much.
  func widened(by radius: Double) -> Interval {
    Interval((lower - radius).nextDown, (upper + radius).nextUp)
  }

  /// The smallest interval that holds both.
  func hull(_ other: Interval) -> Interval {
    Interval(min(lower, other.lower), max(upper, other.upper))
  }

  func hull(_ value: Double) -> Interval { hull(Interval(value)) }

  /// What both hold; nil where that is nothing.
  func intersection(_ other: Interval) -> Interval? {
    let (lower, upper) = (max(lower, other.lower), min(upper, other.upper))
    return lower <= upper ? Interval(lower, upper) : nil
  }

  /// What both hold, where both are known to hold a same number.
  func tightened(by other: Interval) -> Interval { intersection(other) ?? self }

  var isFinite: Bool { lower.isFinite && upper.isFinite }

  func contains(_ value: Double) -> Bool { lower <= value && value <= upper }
}

/// A bound of what sums of so many products in binary64, and the sizes that it is a share of, miss by
/// rounding.
///
/// - Source: Higham 2002, "Accuracy and Stability of Numerical Algorithms", section 3.1: a sum of n
///   products is within `n u / (1 - n u)` of the sum of their sizes, u = 2^-53, in any order and with
///   fused operations. The share is more than twice that, for terms that were rounded a few times each
///   before and for the rounding of the bound itself.
func roundingShare(_ terms: Int) -> Double { Double(terms + 32) * 0x1p-52 }

/// What rounding adds where numbers are too small for a share: below any product that is lost.
let underflow = 0x1p-900
