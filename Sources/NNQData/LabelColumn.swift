// SPDX-License-Identifier: Apache-2.0

/// A column of cells that gathers numbers and, up to a limit, the distinct cells.
struct LabelColumn {
  let name: String
  private(set) var values: [Float] = []
  private(set) var labels: [Int32]? = []
  private(set) var vocabulary: [String] = []
  private(set) var isNumeric = true

  private let limit: Int
  private var indexOfNumber: [Double: Int32] = [:]
  private var indexOfText: [String: Int32] = [:]

  /// - Parameter limit: the most distinct cells; with more of them there are no labels.
  init(name: String, limit: Int) {
    self.name = name
    self.limit = limit
  }

  /// Takes in a cell; returns what is wrong with it.
  mutating func append(_ record: CSVRecord, column: Int) -> CellFault? {
    let number = record.number(column)
    if case .number(let value) = number, Float(value).isFinite {
      values.append(Float(value))
      guard labels != nil else { return nil }
      // Beyond 2^53 binary64 skips whole numbers: two serial numbers could become one. And who pads
      // a number with zeros means the text.
      guard value.magnitude < 0x1p53, !record.isPadded(column) else {
        guard let text = record.text(column) else { return .binary }
        append(label: text)
        return nil
      }
      // Equal numbers are one label, however they are written; so are the two zeros.
      if let index = indexOfNumber[value] {
        labels?.append(index)
      } else {
        indexOfNumber[value] = Int32(truncatingIfNeeded: vocabulary.count)
        let isWhole = value.rounded(.towardZero) == value
        add(isWhole ? String(Int64(value)) : record.excerpt(column))
      }
      return nil
    }
    if number == .missing { return .missing(column) }
    guard let text = record.text(column) else { return .binary }
    values.append(.nan)
    isNumeric = false
    if labels != nil { append(label: text) }
    return nil
  }

  private mutating func append(label text: String) {
    if let index = indexOfText[text] {
      labels?.append(index)
    } else {
      indexOfText[text] = Int32(truncatingIfNeeded: vocabulary.count)
      add(text)
    }
  }

  private mutating func add(_ text: String) {
    guard vocabulary.count < limit else {
      labels = nil
      vocabulary = []
      indexOfNumber = [:]
      indexOfText = [:]
      return
    }
    labels?.append(Int32(truncatingIfNeeded: vocabulary.count))
    vocabulary.append(text)
  }
}
