// SPDX-License-Identifier: Apache-2.0

/// What the name of a column says that it holds, where it is named like a target; case does not
/// matter.
public enum TargetNaming: Sendable {
  /// `label...`: classes.
  case label
  /// `target...`: a quantity.
  case target

  /// Nil for the name of any other column.
  public init?(_ name: String) {
    let lower = name.lowercased()
    if lower.hasPrefix("label") {
      self = .label
    } else if lower.hasPrefix("target") {
      self = .target
    } else {
      return nil
    }
  }
}

extension Dataset.Target {
  /// What the column's name says; nil where a user named the column.
  public var naming: TargetNaming? { TargetNaming(name) }
}
