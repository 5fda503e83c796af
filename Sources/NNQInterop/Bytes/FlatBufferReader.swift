// SPDX-License-Identifier: Apache-2.0

/// A table of a FlatBuffers file, each of whose fields is checked against the file's end.
///
/// Fields are looked up when they are asked for: nothing is copied, nothing is allocated by a stated
/// length, and offsets that go round in circles lead nowhere that the caller does not go itself.
/// - Source: the FlatBuffers binary format.
struct FlatBufferTable {
  private let file: [UInt8]
  /// Where the table starts in the file.
  let byte: Int
  private let layout: Int
  private let layoutBytes: Int
  private let tableBytes: Int

  /// The root table of a file.
  init(root file: [UInt8]) throws(InteropError) {
    try self.init(file, at: try Self.offset(file, at: 0))
  }

  private init(_ file: [UInt8], at byte: Int) throws(InteropError) {
    let distance = Int(try Self.word(file, at: byte, as: Int32.self))
    layout = byte - distance
    layoutBytes = Int(try Self.word(file, at: layout, as: UInt16.self))
    guard layoutBytes >= 4, layoutBytes % 2 == 0, layout + layoutBytes <= file.count else {
      throw .malformed(byte: layout, field: "table layout")
    }
    tableBytes = Int(try Self.word(file, at: layout + 2, as: UInt16.self))
    guard tableBytes >= 4, byte + tableBytes <= file.count else {
      throw .malformed(byte: byte, field: "table")
    }
    self.file = file
    self.byte = byte
  }

  /// A number; `absent` where the table does not hold the field.
  func number<Word: FixedWidthInteger & BitwiseCopyable>(
    _ field: Int, _ absent: Word, as type: Word.Type = Word.self
  ) throws(InteropError) -> Word {
    guard let place = try place(field, bytes: Word.bitWidth / 8) else { return absent }
    return try Self.word(file, at: place)
  }

  /// A table in this one, or nil.
  func table(_ field: Int) throws(InteropError) -> FlatBufferTable? {
    guard let place = try place(field, bytes: 4) else { return nil }
    return try FlatBufferTable(file, at: try Self.offset(file, at: place))
  }

  /// The bytes of a vector of numbers or of a text; empty where there is none.
  func vector(_ field: Int, elementBytes: Int) throws(InteropError) -> ArraySlice<UInt8> {
    guard let place = try place(field, bytes: 4) else { return [] }
    let start = try Self.offset(file, at: place)
    let count = Int(try Self.word(file, at: start, as: UInt32.self))
    let first = start + 4
    guard count <= (file.count - first) / elementBytes else { throw .truncated(byte: start) }
    return file[first..<first + count * elementBytes]
  }

  func vector<Word: FixedWidthInteger & BitwiseCopyable>(
    _ field: Int, of type: Word.Type
  ) throws(InteropError) -> [Word] {
    littleEndian(try vector(field, elementBytes: Word.bitWidth / 8), as: type)
  }

  /// The tables of a vector.
  func tables(_ field: Int, _ name: String, limit: Int) throws(InteropError) -> [FlatBufferTable] {
    let bytes = try vector(field, elementBytes: 4)
    guard bytes.count / 4 <= limit else {
      throw .tooLarge(name, found: bytes.count / 4, limit: limit)
    }
    var tables: [FlatBufferTable] = []
    for place in stride(from: bytes.startIndex, to: bytes.endIndex, by: 4) {
      tables.append(try FlatBufferTable(file, at: try Self.offset(file, at: place)))
    }
    return tables
  }

  func text(_ field: Int) throws(InteropError) -> String {
    foreignText(try vector(field, elementBytes: 1))
  }

  /// Where a field of `bytes` bytes lies; nil where the table does not hold it.
  private func place(_ field: Int, bytes: Int) throws(InteropError) -> Int? {
    let entry = 4 + 2 * field
    guard entry + 2 <= layoutBytes else { return nil }
    let distance = Int(try Self.word(file, at: layout + entry, as: UInt16.self))
    guard distance != 0 else { return nil }
    guard distance >= 4, distance + bytes <= tableBytes else {
      throw .malformed(byte: layout + entry, field: "field offset")
    }
    return byte + distance
  }

  /// Where the offset at `place` leads: always onwards.
  private static func offset(_ file: [UInt8], at place: Int) throws(InteropError) -> Int {
    place + Int(try word(file, at: place, as: UInt32.self))
  }

  private static func word<Word: FixedWidthInteger & BitwiseCopyable>(
    _ file: [UInt8], at byte: Int, as type: Word.Type = Word.self
  ) throws(InteropError) -> Word {
    let size = Word.bitWidth / 8
    guard byte >= 0, byte <= file.count - size else { throw .truncated(byte: max(byte, 0)) }
    return unsafe file.withUnsafeBytes {
      Word(littleEndian: unsafe $0.loadUnaligned(fromByteOffset: byte, as: Word.self))
    }
  }
}
