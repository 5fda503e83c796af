// SPDX-License-Identifier: Apache-2.0

/// A cursor over the payload of one section: little-endian fields, each checked against the end.
package struct ByteReader {
  private let section: SectionType
  private let bytes: [UInt8]
  package private(set) var position = 0

  package init(_ section: SectionType, _ bytes: [UInt8]) {
    self.section = section
    self.bytes = bytes
  }

  package var remaining: Int { bytes.count - position }

  /// The error for a field that holds what is not allowed.
  package func invalid(_ field: String, _ index: Int = 0, found: some Any) -> ModelFormatError {
    .invalidField(section, field: field, index: index, found: "\(found)")
  }

  /// Throws when fewer than `count` bytes are left; `count` is not negative.
  package func require(_ count: Int) throws(ModelFormatError) {
    guard count <= remaining else {
      throw .wrongSectionLength(section, stated: bytes.count, expected: position + count)
    }
  }

  /// Throws when fewer than `count` times `size` bytes are left; neither is negative. The product of two
  /// numbers from a file fits 64 bits, but not the `Int` of a device.
  package func require(_ count: Int, of size: Int) throws(ModelFormatError) {
    let end = Int64(position) + Int64(count) * Int64(size)
    guard end <= Int64(bytes.count) else {
      throw .wrongSectionLength(section, stated: bytes.count, expected: Int(clamping: end))
    }
  }

  package mutating func integer<T: FixedWidthInteger>(
    _ type: T.Type = T.self
  ) throws(ModelFormatError) -> T {
    try require(T.bitWidth / 8)
    return take(type)
  }

  /// `count` integers in a row.
  package mutating func integers<T: FixedWidthInteger>(
    _ count: Int, of type: T.Type = T.self
  ) throws(ModelFormatError) -> [T] {
    try require(count, of: T.bitWidth / 8)
    return (0..<count).map { _ in take(type) }
  }

  /// `count` bytes in a row.
  package mutating func take(_ count: Int) throws(ModelFormatError) -> ArraySlice<UInt8> {
    try require(count)
    defer { position += count }
    return bytes[position..<position + count]
  }

  package mutating func float(_ field: String, _ index: Int = 0) throws(ModelFormatError) -> Float {
    let value = Float(bitPattern: try integer())
    guard value.isFinite else { throw invalid(field, index, found: value) }
    return value
  }

  /// `count` finite binary32 in a row.
  package mutating func floats(
    _ count: Int, _ field: String, _ index: Int = 0
  ) throws(ModelFormatError) -> [Float] {
    try require(count, of: 4)
    let values = (0..<count).map { _ in Float(bitPattern: take()) }
    if let wrong = values.first(where: { !$0.isFinite }) {
      throw invalid(field, index, found: wrong)
    }
    return values
  }

  package mutating func double(_ field: String, _ index: Int = 0) throws(ModelFormatError) -> Double
  {
    let value = Double(bitPattern: try integer())
    guard value.isFinite else { throw invalid(field, index, found: value) }
    return value
  }

  package mutating func string(_ field: String, _ index: Int = 0) throws(ModelFormatError) -> String
  {
    let count = Int(try integer(UInt16.self))
    guard count <= FormatLimit.stringBytes else {
      throw invalid("length of \(field)", index, found: count)
    }
    let text = try take(count)
    guard !text.contains(0), let value = String(validating: text, as: UTF8.self) else {
      throw invalid(field, index, found: "bytes that are not text")
    }
    return value
  }

  /// Takes bytes that must be zero.
  package mutating func zeros(_ count: Int, _ index: Int = 0) throws(ModelFormatError) {
    if let wrong = try take(count).first(where: { $0 != 0 }) {
      throw invalid("reserved byte", index, found: wrong)
    }
  }

  /// Takes zeros up to a multiple of `alignment`.
  package mutating func padding(to alignment: Int, _ index: Int = 0) throws(ModelFormatError) {
    try zeros((alignment - position % alignment) % alignment, index)
  }

  /// Throws when bytes are left over.
  package func end() throws(ModelFormatError) {
    guard remaining == 0 else {
      throw .wrongSectionLength(section, stated: bytes.count, expected: position)
    }
  }

  /// The next integer; the caller has checked that it is there.
  private mutating func take<T: FixedWidthInteger>(_ type: T.Type = T.self) -> T {
    var value: T = 0
    for shift in stride(from: 0, to: T.bitWidth, by: 8) {
      value |= T(truncatingIfNeeded: bytes[position]) << T(shift)
      position += 1
    }
    return value
  }
}
