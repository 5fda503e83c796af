// SPDX-License-Identifier: Apache-2.0

/// Writes tables of numbers as NumPy files, version 1.0, little-endian, in C order.
public enum NumPyWriter {
  /// What an array can be made of.
  public enum ElementType: String, Sendable {
    case int8 = "|i1"
    case int16 = "<i2"
    case float32 = "<f4"
  }

  /// The head of a file with an array `[rows][columns]`; the elements follow it row by row.
  public static func header(_ type: ElementType, rows: Int, columns: Int) -> [UInt8] {
    precondition(rows >= 0 && columns >= 0)
    let text =
      "{'descr': '\(type.rawValue)', 'fortran_order': False, 'shape': (\(rows), \(columns)), }"
    // Spaces and a line feed make the whole head a multiple of 64 bytes.
    let used = 10 + text.utf8.count + 1
    let padding = (64 - used % 64) % 64
    let length = text.utf8.count + padding + 1
    var bytes = NumPyArray.magic + [1, 0, UInt8(length & 0xFF), UInt8(length >> 8)]
    bytes += text.utf8
    bytes += [UInt8](repeating: 0x20, count: padding)
    bytes.append(0x0A)
    return bytes
  }

  /// A whole file with int8 codes `[rows][columns]`.
  public static func bytes(_ values: [Int8], columns: Int) -> [UInt8] {
    header(.int8, rows: rows(values.count, columns), columns: columns)
      + values.map { UInt8(bitPattern: $0) }
  }

  /// A whole file with int16 codes `[rows][columns]`.
  public static func bytes(_ values: [Int16], columns: Int) -> [UInt8] {
    header(.int16, rows: rows(values.count, columns), columns: columns) + littleEndian(values)
  }

  /// A whole file with binary32 numbers `[rows][columns]`.
  public static func bytes(_ values: [Float], columns: Int) -> [UInt8] {
    header(.float32, rows: rows(values.count, columns), columns: columns)
      + littleEndian(values.map(\.bitPattern))
  }

  private static func rows(_ count: Int, _ columns: Int) -> Int {
    precondition(columns > 0 && count.isMultiple(of: columns))
    return count / columns
  }

  private static func littleEndian<Word: FixedWidthInteger>(_ words: [Word]) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(words.count * Word.bitWidth / 8)
    for word in words {
      for shift in stride(from: 0, to: Word.bitWidth, by: 8) {
        bytes.append(UInt8(truncatingIfNeeded: word >> Word(shift)))
      }
    }
    return bytes
  }
}
