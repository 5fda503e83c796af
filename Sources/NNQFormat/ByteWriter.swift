// SPDX-License-Identifier: Apache-2.0

/// Appends little-endian fields.
package struct ByteWriter {
  package private(set) var bytes: [UInt8] = []

  package init() {}

  package mutating func integer<T: FixedWidthInteger>(_ value: T) {
    for shift in stride(from: 0, to: T.bitWidth, by: 8) {
      bytes.append(UInt8(truncatingIfNeeded: value >> T(shift)))
    }
  }

  /// The bits of a binary32 as a u32.
  package mutating func float(_ value: Float) { integer(value.bitPattern) }

  /// The bits of a binary64 as a u64.
  package mutating func double(_ value: Double) { integer(value.bitPattern) }

  package mutating func string(_ value: String) {
    integer(UInt16(clamping: value.utf8.count))
    bytes.append(contentsOf: value.utf8)
  }

  package mutating func append(_ more: some Collection<UInt8>) { bytes.append(contentsOf: more) }

  package mutating func zeros(_ count: Int) {
    bytes.append(contentsOf: repeatElement(0, count: count))
  }

  /// Zeros up to a multiple of `alignment`.
  package mutating func pad(to alignment: Int) {
    zeros((alignment - bytes.count % alignment) % alignment)
  }
}
