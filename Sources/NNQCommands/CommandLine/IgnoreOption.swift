// SPDX-License-Identifier: Apache-2.0
import NNQFormat

extension Option {
  /// The option that lets a table hold more columns than the model knows.
  static let ignore = Option.list(
    "--ignore", "COL[,COL]",
    "Columns of the table to pass over, for example a time stamp; a name with commas stands in double"
      + " quotes",
    isRepeatable: true)
}

extension ParsedArguments {
  /// The columns that `--ignore` names.
  ///
  /// - Parameter hasTable: whether there is a table that they can stand in.
  /// - Throws: ``Failure`` for one that the model needs, which cannot be passed over.
  func ignoredColumns(
    features: [Feature], hasTable: Bool = true
  ) throws(Failure) -> [String] {
    let ignored = try list("--ignore")
    if !hasTable, let column = ignored.first {
      throw bad("--ignore", column, "has no table to stand in")
    }
    let needed = Set(features.map(\.name))
    if let feature = ignored.first(where: needed.contains) {
      throw bad("--ignore", feature, "is a feature of the model")
    }
    return ignored
  }
}
