// SPDX-License-Identifier: Apache-2.0

/// What is wrong with a cell, by its column in the file.
enum CellFault {
  case infinite(Int), notANumber(Int), notACount(Int), missing(Int)
  case notText(Int), tooManyCategories(Int), longCategory(Int), unknownCategory(Int)
  case binary
}

/// The cells of one record. The reader lends it to a closure, which does not keep it.
@safe struct CSVRecord {
  let bytes: UnsafeRawBufferPointer
  let ends: UnsafeBufferPointer<Int32>

  /// The number in a cell, quoted or not.
  @inline(__always)
  func number(_ column: Int) -> Decimal {
    let cell = unsafe raw(column)
    if unsafe cell.first == 0x22 {
      return unsafe unquoted(cell).withUnsafeBytes { unsafe Decimal($0) }
    }
    return unsafe Decimal(cell)
  }

  /// The text of a cell without spaces around it, nil when it is not UTF-8.
  func text(_ column: Int) -> String? {
    String(validating: trimmed(column), as: UTF8.self)
  }

  /// Whether a cell begins with a zero that another digit follows, like `007`.
  func isPadded(_ column: Int) -> Bool {
    let cell = unsafe raw(column)
    guard let first = unsafe cell.firstIndex(where: { !" \"+-".utf8.contains($0) }),
      first + 1 < cell.count
    else { return false }
    return unsafe cell[first] == 0x30 && (0x30...0x39).contains(cell[first + 1])
  }

  /// The text of a cell for an error: cut to 64 bytes, faulty bytes replaced.
  func excerpt(_ column: Int) -> String {
    String(decoding: trimmed(column).prefix(64), as: UTF8.self)
  }

  /// The cell as it stands in the file.
  @inline(__always)
  private func raw(_ column: Int) -> UnsafeRawBufferPointer {
    let start = column == 0 ? 0 : unsafe Int(ends[column - 1]) + 1
    return unsafe UnsafeRawBufferPointer(rebasing: bytes[start..<Int(ends[column])])
  }

  private func trimmed(_ column: Int) -> ArraySlice<UInt8> {
    let cell = unsafe raw(column)
    let content = unsafe cell.first == 0x22 ? unquoted(cell) : Array(cell)
    guard let first = content.firstIndex(where: { $0 != 0x20 }),
      let last = content.lastIndex(where: { $0 != 0x20 })
    else { return [] }
    return content[first...last]
  }

  /// What stands between the quotes, where two quotes stand for one.
  private func unquoted(_ cell: UnsafeRawBufferPointer) -> [UInt8] {
    guard let last = unsafe cell.lastIndex(of: 0x22), last > 0 else { return [] }
    var content: [UInt8] = []
    var index = 1
    while index < last {
      let byte = unsafe cell[index]
      content.append(byte)
      index += byte == 0x22 ? 2 : 1
    }
    return content
  }
}
