// SPDX-License-Identifier: Apache-2.0

/// The number that decimal text stands for.
enum Decimal: Equatable {
  case number(Double)
  /// An infinity, or a number beyond the largest binary64.
  case infinite
  /// Nothing, or one of the words that stand for a missing value.
  case missing
  case notANumber
}

extension Decimal {
  /// Reads `[+-] digits [. digits] [e [+-] digits]`, with ASCII spaces around it.
  ///
  /// - Rounding: once, to the nearest binary64, ties to even, whatever the length of the text.
  init(_ text: UnsafeRawBufferPointer) {
    var start = 0
    var end = text.count
    while start < end, unsafe text[start] == 0x20 { start &+= 1 }
    while end > start, unsafe text[end &- 1] == 0x20 { end &-= 1 }
    guard start < end else {
      self = .missing
      return
    }
    let first = unsafe text[start]
    var position = start
    if first == 0x2D || first == 0x2B { position &+= 1 }

    // The digits as an integer, without the point. 19 of them always fit into 64 bits.
    var digits: UInt64 = 0
    let integerStart = position
    while position < end {
      let digit = unsafe text[position] &- 0x30
      if digit > 9 { break }
      digits = digits &* 10 &+ UInt64(digit)
      position &+= 1
    }
    var count = position &- integerStart
    var exponent = 0
    if position < end, unsafe text[position] == 0x2E {
      position &+= 1
      let fractionStart = position
      while position < end {
        let digit = unsafe text[position] &- 0x30
        if digit > 9 { break }
        digits = digits &* 10 &+ UInt64(digit)
        position &+= 1
      }
      exponent = fractionStart &- position
      count &-= exponent
    }
    guard count > 0 else {
      self = unsafe Self.word(UnsafeRawBufferPointer(rebasing: text[start..<end]))
      return
    }
    if position < end {
      guard let written = unsafe Self.exponent(text, from: position, to: end) else {
        self = .notANumber
        return
      }
      exponent &+= written
    }
    // Both operands are exact, so the one operation is the one rounding.
    if count <= 19, digits <= 1 << 53, exponent <= 0, exponent >= -22 {
      let magnitude = Double(digits) / powersOfTen[-exponent]
      self = .number(first == 0x2D ? -magnitude : magnitude)
      return
    }
    if count > 19 {
      // Zeros in front fill no bits.
      for index in integerStart..<position {
        let byte = unsafe text[index]
        if byte == 0x30 { count &-= 1 } else if byte != 0x2E { break }
      }
    }
    let magnitude: Double
    if count <= 19, let settled = Self.rounded(digits, timesTenTo: exponent) {
      magnitude = settled
    } else {
      let plain = unsafe UnsafeRawBufferPointer(rebasing: text[integerStart..<end])
      magnitude = unsafe Double(Substring(decoding: plain, as: UTF8.self)) ?? .nan
    }
    if magnitude.isInfinite {
      self = .infinite
    } else {
      self = magnitude.isNaN ? .notANumber : .number(first == 0x2D ? -magnitude : magnitude)
    }
  }

  /// `digits * 10^exponent` rounded to nearest, ties to even; nil outside of the range in which
  /// 64-bit integers settle it.
  private static func rounded(_ digits: UInt64, timesTenTo exponent: Int) -> Double? {
    let size = exponent.magnitude
    // 10^n = 5^n * 2^n, where 5^n stays within 64 bits up to 27.
    guard size <= 27, digits > 0 else { return nil }
    let power = powersOfFive[Int(size)]
    if exponent >= 0 {
      let product = digits.multipliedFullWidth(by: power)
      let shift = product.high.leadingZeroBitCount
      let top = shift == 64 ? product.low : product.high << shift | product.low >> (64 - shift)
      let isInexact = shift < 64 && product.low << shift != 0
      return scaled(top, isInexact: isInexact, exponent: exponent + 64 - shift)
    }
    // Both are shifted to the left until they fill 64 bits, and the numerator by one less where
    // it would not be below the divisor: so the quotient fills 64 bits.
    let divisor = power << power.leadingZeroBitCount
    let whole = digits << digits.leadingZeroBitCount
    let isHalved = whole >= divisor
    let quotient = divisor.dividingFullWidth(isHalved ? (whole >> 1, whole << 63) : (whole, 0))
    let shift = power.leadingZeroBitCount - digits.leadingZeroBitCount + (isHalved ? 1 : 0)
    return scaled(
      quotient.quotient, isInexact: quotient.remainder != 0, exponent: exponent + shift - 64)
  }

  /// `top * 2^exponent` rounded to 53 bits. An inexact `top`, which lacks a part below its last
  /// bit, fills 64 bits: its last bit then stands for all that is missing.
  private static func scaled(_ top: UInt64, isInexact: Bool, exponent: Int) -> Double {
    let rounded = Double(isInexact ? top | 1 : top)
    // The result is a normal number, so that this multiplication by a power of two is exact.
    return Double(sign: .plus, exponent: exponent, significand: rounded)
  }

  /// The exponent that `[eE] [+-] digits` states, limited to a size that decides the result anyway;
  /// nil when the text is anything else.
  private static func exponent(
    _ text: UnsafeRawBufferPointer, from start: Int, to end: Int
  ) -> Int? {
    guard unsafe text[start] | 0x20 == 0x65 else { return nil }
    var position = start + 1
    var isNegative = false
    if position < end, unsafe text[position] == 0x2D || text[position] == 0x2B {
      isNegative = unsafe text[position] == 0x2D
      position += 1
    }
    guard position < end else { return nil }
    var value = 0
    while position < end {
      let digit = unsafe text[position] &- 0x30
      guard digit <= 9 else { return nil }
      value = min(value * 10 + Int(digit), 1 << 30)
      position += 1
    }
    return isNegative ? -value : value
  }

  /// What a cell without any digit stands for.
  private static func word(_ text: UnsafeRawBufferPointer) -> Decimal {
    guard text.count <= 9 else { return .notANumber }
    switch unsafe String(decoding: text, as: UTF8.self) {
    case "NA", "NaN", "nan", "null": return .missing
    case let text:
      let isSigned = text.hasPrefix("-") || text.hasPrefix("+")
      let name = (isSigned ? text.dropFirst() : text[...]).lowercased()
      return name == "inf" || name == "infinity" ? .infinite : .notANumber
    }
  }

  /// 5^0 ... 5^27, those that 64 bits hold.
  private static let powersOfFive: InlineArray<28, UInt64> = [
    1, 5, 25, 125, 625, 3125, 15_625, 78_125, 390_625, 1_953_125, 9_765_625, 48_828_125,
    244_140_625, 1_220_703_125, 6_103_515_625, 30_517_578_125, 152_587_890_625, 762_939_453_125,
    3_814_697_265_625, 19_073_486_328_125, 95_367_431_640_625, 476_837_158_203_125,
    2_384_185_791_015_625, 11_920_928_955_078_125, 59_604_644_775_390_625, 298_023_223_876_953_125,
    1_490_116_119_384_765_625, 7_450_580_596_923_828_125,
  ]
}

/// 10^0 ... 10^22, the powers of ten that a binary64 holds exactly.
private let powersOfTen: InlineArray<23, Double> = [
  1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16,
  1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
]
