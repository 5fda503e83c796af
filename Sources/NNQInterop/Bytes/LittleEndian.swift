// SPDX-License-Identifier: Apache-2.0

/// The little-endian numbers that fill `bytes`; what is left over at the end is dropped.
func littleEndian<Word: FixedWidthInteger & BitwiseCopyable>(
  _ bytes: ArraySlice<UInt8>, as type: Word.Type = Word.self
) -> [Word] {
  let size = MemoryLayout<Word>.size
  return unsafe bytes.withUnsafeBytes { buffer in
    (0..<buffer.count / size).map { index in
      Word(littleEndian: unsafe buffer.loadUnaligned(fromByteOffset: index * size, as: Word.self))
    }
  }
}

/// Text from a foreign file, for messages and look-ups: cut short, with a mark for what is no UTF-8.
func foreignText(_ bytes: ArraySlice<UInt8>) -> String {
  String(decoding: bytes.prefix(InteropLimit.name), as: UTF8.self)
}

/// The bytes of numbers, each the lowest first.
func littleEndianBytes<Word: FixedWidthInteger>(_ words: [Word]) -> [UInt8] {
  var bytes: [UInt8] = []
  bytes.reserveCapacity(words.count * (Word.bitWidth / 8))
  for word in words {
    for shift in stride(from: 0, to: Word.bitWidth, by: 8) {
      bytes.append(UInt8(truncatingIfNeeded: word >> Word(shift)))
    }
  }
  return bytes
}

extension Float {
  /// The number that the bits of a binary16 stand for, exactly.
  init(binary16 bits: UInt16) {
    let fraction = Float(bits & 0x3FF)
    let magnitude: Float =
      switch bits >> 10 & 0x1F {
      case 0: fraction * 0x1p-24
      case 31: fraction == 0 ? .infinity : .nan
      case let exponent:
        (1024 + fraction) * Float(sign: .plus, exponent: Int(exponent) - 25, significand: 1)
      }
    self = bits >> 15 == 0 ? magnitude : -magnitude
  }

  /// The number that the bits of a bfloat16 stand for: the upper half of a binary32.
  init(brain bits: UInt16) { self.init(bitPattern: UInt32(bits) << 16) }
}
