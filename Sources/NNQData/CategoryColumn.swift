// SPDX-License-Identifier: Apache-2.0

/// A column of categories in a table for a model that exists: the features that it stands for.
///
/// A model has one feature for each value of the column, named ``CategoryName``: 1 where the column
/// holds the value, else 0.
public struct CategoryColumn: Equatable, Sendable {
  /// The most values of a column.
  public static let mostValues = 64
  /// The longest value in bytes.
  public static let longestValue = 256

  /// The column in the file, from 0.
  public let column: Int
  /// The values in the model's order.
  public private(set) var values: [String] = []
  /// The features of the values.
  public private(set) var places: [Int] = []
  private var placeOfLabel: [CellLabel: Int] = [:]

  init(column: Int) { self.column = column }

  /// The columns that some features stand for where they are handed over by name, not as a table:
  /// ``column`` counts them from 0.
  public static func all(
    of features: [String]
  ) -> [(name: String, column: CategoryColumn)] {
    let own = Set(features)
    var indices: [String: Int] = [:]
    var found: [(name: String, column: CategoryColumn)] = []
    for (place, feature) in features.enumerated() {
      guard let parts = CategoryName(feature), !own.contains(parts.column) else { continue }
      let index = indices[parts.column] ?? found.count
      if index == found.count {
        indices[parts.column] = index
        found.append((parts.column, CategoryColumn(column: index)))
      }
      found[index].column.append(parts.value, place: place)
    }
    return found
  }

  /// The feature of a value as it is written; nil for one that the model does not know.
  public func place(of text: String) -> Int? { placeOfLabel[CellLabel(text)] }

  /// Takes in a value and the feature that stands for it.
  mutating func append(_ value: String, place: Int) {
    values.append(value)
    places.append(place)
    placeOfLabel[CellLabel(value)] = place
  }

  /// Sets the features of a row by its cell; returns what is wrong with the cell.
  func encode(_ record: CSVRecord, into row: inout [some Numeric]) -> CellFault? {
    let number = record.number(column)
    if number == .missing { return .missing(column) }
    guard let label = CellLabel(record, column, number) else { return .binary }
    guard let place = placeOfLabel[label] else { return .unknownCategory(column) }
    for other in places { row[other] = 0 }
    row[place] = 1
    return nil
  }
}
