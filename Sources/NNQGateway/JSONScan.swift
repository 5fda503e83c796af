// SPDX-License-Identifier: Apache-2.0

/// A cursor over the bytes of one JSON text; strict as RFC 8259, without a copy of what it passes.
struct JSONScan: ~Escapable {
  /// How deep arrays and objects may lie in each other.
  static let depthLimit = 16

  let bytes: Span<UInt8>
  private(set) var position = 0

  @_lifetime(copy bytes)
  init(_ bytes: Span<UInt8>) { self.bytes = bytes }

  /// Where a string's contents lie, and whether a `\` is among them.
  struct Text {
    let range: Range<Int>
    let isEscaped: Bool
  }

  /// A number as it is written.
  struct Number {
    let range: Range<Int>
    /// The digits without the point as an integer; wraps when there are more than 19.
    let digits: UInt64
    let digitCount: Int
    /// `value = digits * 10^exponent`
    let exponent: Int
    let isNegative: Bool
    /// Written without a point and without an exponent.
    let isInteger: Bool
  }

  /// The next byte that is no space; 0 at the end.
  mutating func peek() -> UInt8 {
    while position < bytes.count {
      let byte = bytes[position]
      if byte > 0x20 { return byte }
      guard byte == 0x20 || byte == 0x09 || byte == 0x0D || byte == 0x0A else { return byte }
      position &+= 1
    }
    return 0
  }

  /// Takes one byte that must come next, spaces before it.
  mutating func take(_ byte: UInt8) throws(MessageFault) {
    guard peek() == byte, position < bytes.count else { throw .malformed }
    position &+= 1
  }

  /// Takes the byte when it comes next.
  mutating func takes(_ byte: UInt8) -> Bool {
    guard peek() == byte, position < bytes.count else { return false }
    position &+= 1
    return true
  }

  /// Throws unless only spaces are left.
  mutating func end() throws(MessageFault) {
    _ = peek()
    guard position == bytes.count else { throw .malformed }
  }

  mutating func string() throws(MessageFault) -> Text {
    try take(0x22)
    let start = position
    var isEscaped = false
    while position < bytes.count {
      let byte = bytes[position]
      position &+= 1
      if byte == 0x22 { return Text(range: start..<position - 1, isEscaped: isEscaped) }
      if byte < 0x20 { throw .malformed }
      if byte == 0x5C {
        isEscaped = true
        try escape()
      }
    }
    throw .malformed
  }

  /// Whether a string's contents are these bytes, as they are written.
  func text(_ text: Text, equals word: StaticString) -> Bool {
    guard text.range.count == word.utf8CodeUnitCount else { return false }
    for index in 0..<word.utf8CodeUnitCount
    where unsafe bytes[text.range.lowerBound + index] != word.utf8Start[index] { return false }
    return true
  }

  mutating func number() throws(MessageFault) -> Number {
    let isNegative = peek() == 0x2D
    let start = position
    if isNegative { position &+= 1 }
    let first = position
    var digits = takeDigits(0)
    let whole = position &- first
    // No digit, or a zero in front of others.
    guard whole > 0, whole == 1 || bytes[first] != 0x30 else { throw .malformed }
    var count = whole
    var exponent = 0
    var isInteger = true
    if position < bytes.count, bytes[position] == 0x2E {
      isInteger = false
      position &+= 1
      let fraction = position
      digits = takeDigits(digits)
      exponent = fraction &- position
      guard exponent < 0 else { throw .malformed }
      count &-= exponent
    }
    if position < bytes.count, bytes[position] | 0x20 == 0x65 {
      isInteger = false
      exponent &+= try writtenExponent()
    }
    return Number(
      range: start..<position, digits: digits, digitCount: count, exponent: exponent,
      isNegative: isNegative, isInteger: isInteger)
  }

  /// Passes over any value.
  mutating func skip(depth: Int) throws(MessageFault) {
    guard depth <= Self.depthLimit else { throw .tooDeep }
    switch peek() {
    case 0x22: _ = try string()
    case 0x7B:
      position &+= 1
      if takes(0x7D) { return }
      repeat {
        _ = try string()
        try take(0x3A)
        try skip(depth: depth + 1)
      } while takes(0x2C)
      try take(0x7D)
    case 0x5B:
      position &+= 1
      if takes(0x5D) { return }
      repeat { try skip(depth: depth + 1) } while takes(0x2C)
      try take(0x5D)
    case 0x74: try word("true")
    case 0x66: try word("false")
    case 0x6E: try word("null")
    default: _ = try number()
    }
  }

  mutating func word(_ text: StaticString) throws(MessageFault) {
    let count = text.utf8CodeUnitCount
    guard bytes.count - position >= count else { throw .malformed }
    for index in 0..<count where unsafe bytes[position + index] != text.utf8Start[index] {
      throw .malformed
    }
    position &+= count
  }

  // MARK: -

  private mutating func takeDigits(_ start: UInt64) -> UInt64 {
    var digits = start
    // In a local, so that nothing is stored for each digit.
    var index = position
    while index < bytes.count {
      let digit = bytes[index] &- 0x30
      if digit > 9 { break }
      digits = digits &* 10 &+ UInt64(digit)
      index &+= 1
    }
    position = index
    return digits
  }

  /// The exponent after `e`, limited to a size that decides the value anyway.
  private mutating func writtenExponent() throws(MessageFault) -> Int {
    position &+= 1
    var isNegative = false
    if position < bytes.count, bytes[position] == 0x2B || bytes[position] == 0x2D {
      isNegative = bytes[position] == 0x2D
      position &+= 1
    }
    let start = position
    var value = 0
    while position < bytes.count {
      let digit = bytes[position] &- 0x30
      if digit > 9 { break }
      value = min(value * 10 + Int(digit), 1 << 30)
      position &+= 1
    }
    guard position > start else { throw .malformed }
    return isNegative ? -value : value
  }

  private mutating func escape() throws(MessageFault) {
    guard position < bytes.count else { throw .malformed }
    let byte = bytes[position]
    position &+= 1
    switch byte {
    case 0x22, 0x5C, 0x2F, 0x62, 0x66, 0x6E, 0x72, 0x74: return
    case 0x75:
      guard bytes.count - position >= 4 else { throw .malformed }
      for index in position..<position + 4 where hexadecimal(bytes[index]) == nil {
        throw .malformed
      }
      position &+= 4
    default: throw .malformed
    }
  }
}

/// The value of a hexadecimal digit.
func hexadecimal(_ byte: UInt8) -> UInt32? {
  switch byte {
  case 0x30...0x39: UInt32(byte - 0x30)
  case 0x41...0x46: UInt32(byte - 0x37)
  case 0x61...0x66: UInt32(byte - 0x57)
  default: nil
  }
}
