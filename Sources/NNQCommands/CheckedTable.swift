// SPDX-License-Identifier: Apache-2.0
import NNQData
import NNQTrain

/// A table as `check` reads it: columns of text that training refuses are left out and found.
struct CheckedTable {
  let data: Dataset
  let findings: [DataFinding]

  /// - Throws: ``DataError`` for what no column that is left out cures, and ``Failure``.
  init(_ arguments: ParsedArguments, requiresTarget: Bool) throws {
    let path = arguments.argument("DATA.csv")
    let group = arguments.stringIfGiven("--group")
    let ignored = try arguments.list("--ignore")
    let categorical = try arguments.list("--categorical")
    let targets = try arguments.list("--target")
    let limit = try MemoryLimit(arguments, for: .checks)
    var left: [(column: String, line: Int)] = []
    func read(group: String?) throws(DataError) -> Dataset {
      let names = left.map(\.column)
      return try Dataset(
        reading: path,
        columns: .training(
          targets: targets, group: group, excluded: ignored + names,
          categorical: categorical.filter { !names.contains($0) }, requiresTarget: requiresTarget),
        limit: limit)
    }
    while true {
      do throws(DataError) {
        data = try read(group: group)
        break
      } catch {
        // Standard input cannot be read again.
        guard path != "-", left.count < Self.mostTextColumns, let place = error.textColumn else {
          throw error
        }
        left.append((place.column, place.line))
      }
    }
    findings = try left.map { column, line in
      let values = try read(group: column).group?.vocabulary.count ?? 0
      return DataFinding(
        .text(values: values, line: line, fits: values <= CategoryColumn.mostValues), .serious,
        columns: [column])
    }
  }

  /// The file is read again for each.
  private static let mostTextColumns = 64
}

extension DataError {
  /// The place of a cell for which its column is no feature; nil for any other error.
  fileprivate var textColumn: CellPlace? {
    switch self {
    case .tooManyCategories(let place, _), .numberAmongText(let place, _),
      .longCategory(let place, _):
      place
    default: nil
    }
  }
}
