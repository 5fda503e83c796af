// SPDX-License-Identifier: Apache-2.0

/// Text as bytes, appended without the detour over a `String`.
extension [UInt8] {
  mutating func append(text: StaticString) {
    unsafe append(
      contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
  }

  mutating func append(decimal value: some BinaryInteger) {
    var magnitude = UInt64(value.magnitude)
    if value < 0 { append(0x2D) }
    var digits = InlineArray<20, UInt8>(repeating: 0)
    var count = 0
    repeat {
      let quotient = magnitude / 10
      digits[count] = 0x30 + UInt8(truncatingIfNeeded: magnitude &- quotient &* 10)
      magnitude = quotient
      count += 1
    } while magnitude > 0
    while count > 0 {
      count -= 1
      append(digits[count])
    }
  }

  mutating func append<T: FixedWidthInteger>(littleEndian value: T) {
    unsafe Swift.withUnsafeBytes(of: value.littleEndian) { unsafe append(contentsOf: $0) }
  }
}

/// A JSON string with its quotes.
func jsonString(_ text: String) -> [UInt8] {
  var bytes: [UInt8] = [0x22]
  for byte in text.utf8 {
    switch byte {
    case 0x22, 0x5C: bytes += [0x5C, byte]
    case 0..<0x20: bytes += Array("\\u00\(byte < 16 ? "0" : "")\(String(byte, radix: 16))".utf8)
    default: bytes.append(byte)
    }
  }
  bytes.append(0x22)
  return bytes
}
