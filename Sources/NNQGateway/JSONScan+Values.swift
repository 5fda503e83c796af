// SPDX-License-Identifier: Apache-2.0

extension JSONScan {
  /// The value of a number, infinite where it is beyond binary64.
  ///
  /// - Rounding: once, to the nearest binary64, ties to even.
  func value(_ number: Number) -> Double {
    // Both operands are exact, so that the one operation is the one rounding.
    if number.digitCount <= 19, number.digits <= 1 << 53, number.exponent.magnitude <= 22 {
      let power = powersOfTen[Int(number.exponent.magnitude)]
      let digits = Double(number.digits)
      let magnitude = number.exponent < 0 ? digits / power : digits * power
      return number.isNegative ? -magnitude : magnitude
    }
    var text: [UInt8] = []
    text.reserveCapacity(number.range.count)
    for index in number.range { text.append(bytes[index]) }
    return Double(String(decoding: text, as: UTF8.self)) ?? .infinity
  }

  /// The value of an integer; nil where it has a fraction or an exponent or needs more than 64 bits.
  func integer(_ number: Number) -> Int64? {
    // 19 digits fit 64 bits without a sign.
    guard number.isInteger, number.digitCount <= 19, let magnitude = Int64(exactly: number.digits)
    else { return nil }
    return number.isNegative ? -magnitude : magnitude
  }

  /// The contents of a string with its escapes resolved; a lone surrogate is malformed.
  func unescaped(_ text: Text) throws(MessageFault) -> [UInt8] {
    var result: [UInt8] = []
    var index = text.range.lowerBound
    while index < text.range.upperBound {
      let byte = bytes[index]
      index += 1
      guard byte == 0x5C else {
        result.append(byte)
        continue
      }
      let kind = bytes[index]
      index += 1
      switch kind {
      case 0x62: result.append(0x08)
      case 0x66: result.append(0x0C)
      case 0x6E: result.append(0x0A)
      case 0x72: result.append(0x0D)
      case 0x74: result.append(0x09)
      case 0x75:
        var unit = codeUnit(index)
        index += 4
        if unit & 0xFC00 == 0xD800, index + 6 <= text.range.upperBound, bytes[index] == 0x5C,
          bytes[index + 1] == 0x75
        {
          let low = codeUnit(index + 2)
          guard low & 0xFC00 == 0xDC00 else { throw .malformed }
          unit = 0x10000 + (unit & 0x3FF) << 10 + low & 0x3FF
          index += 6
        }
        guard let scalar = Unicode.Scalar(unit) else { throw .malformed }
        result += Array(String(Character(scalar)).utf8)
      default: result.append(kind)
      }
    }
    return result
  }

  /// Four hexadecimal digits, which ``string()`` has checked.
  private func codeUnit(_ start: Int) -> UInt32 {
    (start..<start + 4).reduce(0) { $0 << 4 | (hexadecimal(bytes[$1]) ?? 0) }
  }
}

/// 10^0 ... 10^22, the powers of ten that a binary64 holds exactly.
private let powersOfTen: InlineArray<23, Double> = [
  1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16,
  1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
]
