// SPDX-License-Identifier: Apache-2.0

/// A number of few decimal digits, whose text and value stand for the same.
struct ShortDecimal: Equatable {
  /// The digits as an integer.
  let digits: Int
  /// The digits after the point, 0 ... 18.
  let places: Int

  /// Rounds to six significant digits, to no more than 18 after the point, and never above it.
  ///
  /// - Range: below 10^15 in size.
  /// - Rounding: the product with a power of ten to binary64, then to nearest, ties to even.
  init(_ value: Double) {
    var places = 0
    var power = 1.0
    while places < 18, (value * power).magnitude < 99_999.5 {
      places += 1
      power *= 10
    }
    var digits = Int((value * power).rounded(.toNearestOrEven))
    while places > 0, digits.isMultiple(of: 10) {
      digits /= 10
      places -= 1
    }
    self.digits = digits
    self.places = places
  }

  /// The nearest binary64 to the text: both operands are exact.
  var value: Double {
    var power = 1.0
    for _ in 0..<places { power *= 10 }
    return Double(digits) / power
  }

  /// Plain digits with a point, without an exponent.
  var text: String {
    let plain = String(digits.magnitude)
    let sign = digits < 0 ? "-" : ""
    guard places > 0 else { return sign + plain }
    let padded = String(repeating: "0", count: max(0, places + 1 - plain.count)) + plain
    return "\(sign)\(padded.dropLast(places)).\(padded.suffix(places))"
  }
}
