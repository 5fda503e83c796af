// SPDX-License-Identifier: Apache-2.0

/// A cursor over the fields of one protobuf message, each checked against the message's end.
///
/// Nested messages are slices of the same bytes: nothing is copied and nothing is allocated by a
/// stated length. The caller opens them one by one, so that the depth is that of the caller's own
/// code.
/// - Source: protobuf's wire format; groups, which ONNX does not use, are refused.
struct ProtobufReader {
  enum Value {
    case varint(UInt64)
    case fixed64(UInt64)
    case bytes(ArraySlice<UInt8>)
    case fixed32(UInt32)
  }

  struct Field {
    let number: Int
    let value: Value
    /// Where the field starts in the file.
    let byte: Int
  }

  private var rest: ArraySlice<UInt8>

  init(_ message: ArraySlice<UInt8>) { rest = message }

  /// The next field; nil at the end of the message.
  mutating func next() throws(InteropError) -> Field? {
    guard !rest.isEmpty else { return nil }
    let byte = rest.startIndex
    let key = try varint()
    let number = Int(key >> 3)
    guard number > 0, number < 1 << 29 else { throw .malformed(byte: byte, field: "field number") }
    let value: Value
    switch key & 7 {
    case 0: value = .varint(try varint())
    case 1: value = .fixed64(littleEndian(try take(8))[0])
    case 2:
      let length = try varint()
      guard length <= UInt64(rest.count) else { throw .truncated(byte: byte) }
      value = .bytes(try take(Int(length)))
    case 5: value = .fixed32(littleEndian(try take(4))[0])
    default: throw .malformed(byte: byte, field: "wire type")
    }
    return Field(number: number, value: value, byte: byte)
  }

  /// All the numbers of a packed field, which may be this many.
  static func varints(
    _ packed: ArraySlice<UInt8>, _ name: String, limit: Int
  ) throws(InteropError) -> [UInt64] {
    var reader = ProtobufReader(packed)
    var values: [UInt64] = []
    while !reader.rest.isEmpty {
      guard values.count < limit else {
        throw .tooLarge(name, found: values.count + 1, limit: limit)
      }
      values.append(try reader.varint())
    }
    return values
  }

  private mutating func varint() throws(InteropError) -> UInt64 {
    let start = rest.startIndex
    var value: UInt64 = 0
    for shift in stride(from: UInt64(0), to: 70, by: 7) {
      guard let byte = rest.popFirst() else { throw .truncated(byte: start) }
      // The tenth byte holds the last of 64 bits.
      guard shift < 63 || byte < 2 else { throw .malformed(byte: start, field: "varint") }
      value |= UInt64(byte & 0x7F) << shift
      if byte < 0x80 { return value }
    }
    throw .malformed(byte: start, field: "varint")
  }

  private mutating func take(_ count: Int) throws(InteropError) -> ArraySlice<UInt8> {
    guard count <= rest.count else { throw .truncated(byte: rest.startIndex) }
    defer { rest = rest.dropFirst(count) }
    return rest.prefix(count)
  }
}

extension ProtobufReader.Field {
  /// The bytes of a message, text or packed field.
  func bytes(_ name: String) throws(InteropError) -> ArraySlice<UInt8> {
    guard case .bytes(let bytes) = value else { throw .malformed(byte: byte, field: name) }
    return bytes
  }

  func integer(_ name: String) throws(InteropError) -> Int64 {
    guard case .varint(let value) = value else { throw .malformed(byte: byte, field: name) }
    return Int64(bitPattern: value)
  }

  func text(_ name: String) throws(InteropError) -> String { foreignText(try bytes(name)) }

  /// The whole name of a value, by which others find it.
  ///
  /// - Throws: ``InteropError`` for one that is too long or no UTF-8.
  func key(_ name: String) throws(InteropError) -> String {
    let bytes = try bytes(name)
    guard bytes.count <= InteropLimit.key else {
      throw .tooLarge("bytes of a name", found: bytes.count, limit: InteropLimit.key)
    }
    guard let key = String(validating: bytes, as: UTF8.self) else {
      throw .malformed(byte: byte, field: name)
    }
    return key
  }

  func float(_ name: String) throws(InteropError) -> Float {
    guard case .fixed32(let bits) = value else { throw .malformed(byte: byte, field: name) }
    return Float(bitPattern: bits)
  }

  /// The numbers of a repeated integer field, packed or one alone.
  ///
  /// - Parameter limit: the most that are packed together.
  func integers(_ name: String, limit: Int = .max) throws(InteropError) -> [Int64] {
    switch value {
    case .varint(let value): [Int64(bitPattern: value)]
    case .bytes(let packed):
      try ProtobufReader.varints(packed, name, limit: limit).map { Int64(bitPattern: $0) }
    default: throw .malformed(byte: byte, field: name)
    }
  }

  /// The numbers of a repeated binary32 field, packed or one alone.
  func floats(_ name: String) throws(InteropError) -> [Float] {
    switch value {
    case .fixed32(let bits): return [Float(bitPattern: bits)]
    case .bytes(let packed) where packed.count % 4 == 0:
      return littleEndian(packed, as: UInt32.self).map { Float(bitPattern: $0) }
    default: throw .malformed(byte: byte, field: name)
    }
  }

  /// The numbers of a repeated binary64 field, packed or one alone.
  func doubles(_ name: String) throws(InteropError) -> [Double] {
    switch value {
    case .fixed64(let bits): return [Double(bitPattern: bits)]
    case .bytes(let packed) where packed.count % 8 == 0:
      return littleEndian(packed, as: UInt64.self).map { Double(bitPattern: $0) }
    default: throw .malformed(byte: byte, field: name)
    }
  }
}
