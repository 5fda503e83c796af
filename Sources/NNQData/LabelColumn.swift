// SPDX-License-Identifier: Apache-2.0

/// A column of cells that gathers numbers and, up to a limit, the distinct cells.
struct LabelColumn {
  let name: String
  private(set) var values: [Float] = []
  private(set) var labels: [Int32]? = []
  private(set) var vocabulary: [String] = []
  private(set) var isNumeric = true

  private let limit: Int
  private var index: [CellLabel: Int32] = [:]

  /// - Parameter limit: the most distinct cells; with more of them there are no labels.
  init(name: String, limit: Int) {
    self.name = name
    self.limit = limit
  }

  /// Takes in a cell; returns what is wrong with it.
  mutating func append(_ record: CSVRecord, column: Int) -> CellFault? {
    let number = record.number(column)
    if number == .missing { return .missing(column) }
    if case .number(let value) = number, Float(value).isFinite {
      values.append(Float(value))
      if labels == nil { return nil }
    } else {
      values.append(.nan)
      isNumeric = false
    }
    guard let label = CellLabel(record, column, number) else { return .binary }
    guard labels != nil else { return nil }
    if let known = index[label] {
      labels?.append(known)
    } else if vocabulary.count < limit {
      let next = Int32(truncatingIfNeeded: vocabulary.count)
      index[label] = next
      vocabulary.append(label.word(record, column))
      labels?.append(next)
    } else {
      (labels, vocabulary, index) = (nil, [], [:])
    }
    return nil
  }
}
