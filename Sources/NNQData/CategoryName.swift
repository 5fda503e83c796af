// SPDX-License-Identifier: Apache-2.0

/// The name of a feature that is 1 where a column holds a value, and else 0: `COLUMN=VALUE`.
public struct CategoryName: Equatable, Sendable {
  /// The name of the column, which has no `=`.
  public var column: String
  /// The value.
  public var value: String

  /// The name for a column and a value.
  public init(column: String, value: String) {
    self.column = column
    self.value = value
  }

  /// Nil for the name of any other feature.
  public init?(_ feature: String) {
    guard let sign = feature.firstIndex(of: "="), sign > feature.startIndex else { return nil }
    column = String(feature[..<sign])
    value = String(feature[feature.index(after: sign)...])
  }

  /// The feature's name.
  public var feature: String { "\(column)=\(value)" }
}
