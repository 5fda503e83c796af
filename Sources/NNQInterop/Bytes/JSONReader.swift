// SPDX-License-Identifier: Apache-2.0

/// A cursor over JSON text, each step of which the caller asks for: no tree is built.
///
/// - Source: RFC 8259. Texts are cut at ``InteropLimit/name`` bytes.
struct JSONReader {
  private let bytes: ArraySlice<UInt8>
  /// Where the next byte to be read lies in the file.
  private(set) var byte: Int

  init(_ bytes: ArraySlice<UInt8>) {
    self.bytes = bytes
    byte = bytes.startIndex
  }

  /// Reads an object: `member` is called with each name and reads the value.
  mutating func object(
    _ member: (String, inout JSONReader) throws(InteropError) -> Void
  ) throws(InteropError) {
    try expect(UInt8(ascii: "{"))
    if take(UInt8(ascii: "}")) { return }
    repeat {
      let name = try text()
      try expect(UInt8(ascii: ":"))
      try member(name, &self)
    } while take(UInt8(ascii: ","))
    try expect(UInt8(ascii: "}"))
  }

  /// Reads an array of whole numbers that are not negative, at most `limit`.
  mutating func integers(limit: Int) throws(InteropError) -> [Int64] {
    try expect(UInt8(ascii: "["))
    var values: [Int64] = []
    if take(UInt8(ascii: "]")) { return values }
    repeat {
      guard values.count < limit else { throw malformed("a longer array") }
      values.append(try integer())
    } while take(UInt8(ascii: ","))
    try expect(UInt8(ascii: "]"))
    return values
  }

  mutating func integer() throws(InteropError) -> Int64 {
    skipSpace()
    var value: Int64 = 0
    let start = byte
    while byte < bytes.endIndex, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[byte]) {
      let (tens, first) = value.multipliedReportingOverflow(by: 10)
      let (sum, second) = tens.addingReportingOverflow(Int64(bytes[byte] - UInt8(ascii: "0")))
      guard !first, !second else { throw malformed("number") }
      value = sum
      byte += 1
    }
    let isPadded = bytes[start..<byte].first == UInt8(ascii: "0") && byte - start > 1
    guard byte > start, !isPadded else { throw malformed("number") }
    return value
  }

  mutating func text() throws(InteropError) -> String {
    try expect(UInt8(ascii: "\""))
    var kept: [UInt8] = []
    while byte < bytes.endIndex, bytes[byte] != UInt8(ascii: "\"") {
      guard bytes[byte] >= 0x20 else { throw malformed("text") }
      let character: [UInt8]
      if bytes[byte] == UInt8(ascii: "\\") {
        character = try escaped()
      } else {
        character = [bytes[byte]]
        byte += 1
      }
      if kept.count + character.count <= InteropLimit.name { kept += character }
    }
    guard byte < bytes.endIndex else { throw .truncated(byte: byte) }
    byte += 1
    return String(decoding: kept, as: UTF8.self)
  }

  /// Throws unless nothing but white space is left.
  mutating func end() throws(InteropError) {
    skipSpace()
    guard byte == bytes.endIndex else { throw malformed("end of JSON") }
  }

  // MARK: -

  /// What a backslash and the letters behind it stand for.
  private mutating func escaped() throws(InteropError) -> [UInt8] {
    byte += 1
    guard byte < bytes.endIndex else { throw .truncated(byte: byte) }
    let letter = bytes[byte]
    byte += 1
    switch letter {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return [letter]
    case UInt8(ascii: "n"): return [10]
    case UInt8(ascii: "t"): return [9]
    case UInt8(ascii: "r"): return [13]
    case UInt8(ascii: "b"): return [8]
    case UInt8(ascii: "f"): return [12]
    case UInt8(ascii: "u"):
      guard byte + 4 <= bytes.endIndex,
        let unit = UInt32(String(decoding: bytes[byte..<byte + 4], as: UTF8.self), radix: 16)
      else { throw malformed("text") }
      byte += 4
      // Half of a pair is no character: it is kept as the mark for what is none.
      return Array(String(Unicode.Scalar(unit) ?? "\u{FFFD}").utf8)
    default: throw malformed("text")
    }
  }

  private mutating func expect(_ wanted: UInt8) throws(InteropError) {
    guard take(wanted) else {
      if byte == bytes.endIndex { throw .truncated(byte: byte) }
      throw malformed("JSON")
    }
  }

  /// Whether this byte comes next; it is then taken.
  private mutating func take(_ wanted: UInt8) -> Bool {
    skipSpace()
    guard byte < bytes.endIndex, bytes[byte] == wanted else { return false }
    byte += 1
    return true
  }

  private mutating func skipSpace() {
    while byte < bytes.endIndex, [9, 10, 13, 32].contains(bytes[byte]) { byte += 1 }
  }

  private func malformed(_ field: String) -> InteropError { .malformed(byte: byte, field: field) }
}
