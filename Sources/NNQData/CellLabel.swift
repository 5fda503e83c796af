// SPDX-License-Identifier: Apache-2.0

/// What a cell says where it stands for a class: equal numbers are one, however they are written.
enum CellLabel: Hashable {
  case number(Double)
  case text(String)

  /// The label of a cell whose number was read; nil when its text is not UTF-8.
  init?(_ record: CSVRecord, _ column: Int, _ number: Decimal) {
    // Beyond 2^53 binary64 skips whole numbers: two serial numbers could become one. And who pads
    // a number with zeros means the text.
    if case .number(let value) = number, Float(value).isFinite, value.magnitude < 0x1p53,
      !record.isPadded(column)
    {
      self = .number(value)
      return
    }
    guard let text = record.text(column) else { return nil }
    self = .text(text)
  }

  /// The label that a model keeps as text.
  init(_ text: String) {
    let bytes = Array(text.utf8)
    let label = unsafe bytes.withUnsafeBytes { bytes in
      unsafe [Int32(bytes.count)].withUnsafeBufferPointer { ends in
        let record = unsafe CSVRecord(bytes: bytes, ends: ends)
        // A text that begins with a quote is no number, and is not to lose its quotes.
        return unsafe bytes.first == 0x22 ? nil : CellLabel(record, 0, record.number(0))
      }
    }
    self = label ?? .text(text)
  }

  /// The text that a model keeps of a cell; a whole number has no fraction.
  func word(_ record: CSVRecord, _ column: Int) -> String {
    switch self {
    case .number(let value) where value.rounded(.towardZero) == value: String(Int64(value))
    case .number: record.excerpt(column)
    case .text(let text): text
    }
  }
}

extension CellLabel: Comparable {
  /// Numbers by value, then texts by their characters.
  static func < (a: CellLabel, b: CellLabel) -> Bool {
    switch (a, b) {
    case (.number(let a), .number(let b)): a < b
    case (.text(let a), .text(let b)): a < b
    case (.number, .text): true
    case (.text, .number): false
    }
  }
}
