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
