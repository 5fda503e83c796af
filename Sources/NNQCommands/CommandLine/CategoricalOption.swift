// SPDX-License-Identifier: Apache-2.0

extension Option {
  /// The option that takes columns of numbers as categories.
  static let categorical = Option.list(
    "--categorical", "COL[,COL]",
    "Features that are names, not quantities: each value becomes a feature COL=VALUE of 0 or 1, as"
      + " it does for columns whose first cell is text",
    isRepeatable: true)
}
