// SPDX-License-Identifier: Apache-2.0

/// A JSON text as RFC 8259 has it, read by rules of its own: the product's writer is judged by it.
public enum JSONValue: Equatable, Sendable {
  case null
  case boolean(Bool)
  case number(Double)
  case string(String)
  case array([JSONValue])
  /// The members in their order.
  case object([Member])

  public struct Member: Equatable, Sendable {
    public let key: String
    public let value: JSONValue
  }

  public enum Fault: Error, Equatable { case unexpected(byte: Int), tooDeep, duplicateKey(String) }

  /// Reads one value that fills the whole text but for white space around it.
  ///
  /// - Throws: ``Fault`` for anything that the grammar does not allow, and for a key that stands
  ///   twice in an object.
  public init(parsing text: String) throws {
    var parser = JSONParser(bytes: Array(text.utf8))
    self = try parser.document()
  }

  public subscript(key: String) -> JSONValue? {
    guard case .object(let members) = self else { return nil }
    return members.first { $0.key == key }?.value
  }

  /// The keys of an object in their order; empty for anything else.
  public var keys: [String] {
    guard case .object(let members) = self else { return [] }
    return members.map(\.key)
  }

  public var elements: [JSONValue] {
    guard case .array(let elements) = self else { return [] }
    return elements
  }

  public var double: Double? {
    guard case .number(let value) = self else { return nil }
    return value
  }

  public var string: String? {
    guard case .string(let value) = self else { return nil }
    return value
  }
}

private struct JSONParser {
  let bytes: [UInt8]
  var position = 0

  init(bytes: [UInt8]) { self.bytes = bytes }

  private var fault: JSONValue.Fault { .unexpected(byte: position) }
  private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

  mutating func document() throws -> JSONValue {
    let value = try value(depth: 0)
    skipSpace()
    guard next == nil else { throw fault }
    return value
  }

  private mutating func skipSpace() {
    while let byte = next, [0x20, 0x09, 0x0A, 0x0D].contains(byte) { position += 1 }
  }

  private mutating func take(_ text: StaticString) throws {
    for byte in "\(text)".utf8 {
      guard next == byte else { throw fault }
      position += 1
    }
  }

  private mutating func value(depth: Int) throws -> JSONValue {
    guard depth < 64 else { throw JSONValue.Fault.tooDeep }
    skipSpace()
    switch next {
    case UInt8(ascii: "n"):
      try take("null")
      return .null
    case UInt8(ascii: "t"):
      try take("true")
      return .boolean(true)
    case UInt8(ascii: "f"):
      try take("false")
      return .boolean(false)
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "["): return .array(try array(depth))
    case UInt8(ascii: "{"): return .object(try object(depth))
    default: return .number(try number())
    }
  }

  private mutating func array(_ depth: Int) throws -> [JSONValue] {
    try take("[")
    skipSpace()
    var elements: [JSONValue] = []
    if next != UInt8(ascii: "]") {
      elements.append(try value(depth: depth + 1))
      skipSpace()
      while next == UInt8(ascii: ",") {
        position += 1
        elements.append(try value(depth: depth + 1))
        skipSpace()
      }
    }
    try take("]")
    return elements
  }

  private mutating func object(_ depth: Int) throws -> [JSONValue.Member] {
    try take("{")
    skipSpace()
    var members: [JSONValue.Member] = []
    if next != UInt8(ascii: "}") {
      members.append(try member(depth))
      while next == UInt8(ascii: ",") {
        position += 1
        let member = try member(depth)
        guard !members.contains(where: { $0.key == member.key }) else {
          throw JSONValue.Fault.duplicateKey(member.key)
        }
        members.append(member)
      }
    }
    try take("}")
    return members
  }

  private mutating func member(_ depth: Int) throws -> JSONValue.Member {
    skipSpace()
    let key = try string()
    skipSpace()
    try take(":")
    let value = try value(depth: depth + 1)
    skipSpace()
    return JSONValue.Member(key: key, value: value)
  }

  private mutating func string() throws -> String {
    try take("\"")
    var text: [UInt8] = []
    while let byte = next, byte != UInt8(ascii: "\"") {
      guard byte >= 0x20 else { throw fault }
      position += 1
      guard byte == UInt8(ascii: "\\") else {
        text.append(byte)
        continue
      }
      text += try escape()
    }
    try take("\"")
    guard let string = String(validating: text, as: UTF8.self) else { throw fault }
    return string
  }

  private mutating func escape() throws -> [UInt8] {
    guard let byte = next else { throw fault }
    position += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return [byte]
    case UInt8(ascii: "b"): return [0x08]
    case UInt8(ascii: "f"): return [0x0C]
    case UInt8(ascii: "n"): return [0x0A]
    case UInt8(ascii: "r"): return [0x0D]
    case UInt8(ascii: "t"): return [0x09]
    case UInt8(ascii: "u"):
      let high = try hexadecimal()
      if let scalar = Unicode.Scalar(high) { return Array(String(Character(scalar)).utf8) }
      try take("\\u")
      let low = try hexadecimal()
      guard (0xD800..<0xDC00).contains(high), (0xDC00..<0xE000).contains(low),
        let scalar = Unicode.Scalar(0x10000 + (high - 0xD800) << 10 + (low - 0xDC00))
      else { throw fault }
      return Array(String(Character(scalar)).utf8)
    default: throw fault
    }
  }

  private mutating func hexadecimal() throws -> UInt32 {
    guard position + 4 <= bytes.count else { throw fault }
    let digits = String(decoding: bytes[position..<position + 4], as: UTF8.self)
    guard digits.allSatisfy(\.isHexDigit), let value = UInt32(digits, radix: 16) else {
      throw fault
    }
    position += 4
    return value
  }

  private mutating func digits() throws {
    guard let byte = next, isDigit(byte) else { throw fault }
    while let byte = next, isDigit(byte) { position += 1 }
  }

  private func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

  private mutating func number() throws -> Double {
    let start = position
    if next == UInt8(ascii: "-") { position += 1 }
    if next == UInt8(ascii: "0") { position += 1 } else { try digits() }
    if next == UInt8(ascii: ".") {
      position += 1
      try digits()
    }
    if next == UInt8(ascii: "e") || next == UInt8(ascii: "E") {
      position += 1
      if next == UInt8(ascii: "+") || next == UInt8(ascii: "-") { position += 1 }
      try digits()
    }
    guard let value = Double(String(decoding: bytes[start..<position], as: UTF8.self)),
      value.isFinite
    else { throw fault }
    return value
  }
}
