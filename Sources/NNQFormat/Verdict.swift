// SPDX-License-Identifier: Apache-2.0

/// What a model decides for one row.
public enum Verdict: Equatable, Sendable {
  /// Binary and anomaly: 0 or 1; multiclass: the index of the class. The margin is in codes (or in
  /// score units for an anomaly) and says how far the decision is from turning.
  case label(Int, margin: Int64)
  /// Multilabel: one a target, each with its margin in codes.
  case flags([Bool], margins: [Int64])
  /// Regression: the outputs are the answer.
  case values
}
