// SPDX-License-Identifier: Apache-2.0

/// The numbers that an option takes.
protocol Bounds<Bound> {
  associatedtype Bound: Comparable

  func contains(_ value: Bound) -> Bool

  /// What completes "must be", for example `at least 1`.
  var words: String { get }
}

extension ClosedRange: Bounds {
  var words: String { "from \(lowerBound) to \(upperBound)" }
}

extension Range: Bounds {
  var words: String { "at least \(lowerBound) and below \(upperBound)" }
}

extension PartialRangeFrom: Bounds {
  var words: String { "at least \(lowerBound)" }
}

/// Every number above a limit, which itself is not one of them.
struct Above<Bound: Comparable>: Bounds {
  let limit: Bound

  init(_ limit: Bound) { self.limit = limit }

  func contains(_ value: Bound) -> Bool { value > limit }

  var words: String { "above \(limit)" }
}
