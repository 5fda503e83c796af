// SPDX-License-Identifier: Apache-2.0

/// CRC-32C (Castagnoli), the checksum of both model forms: every 1-bit flip and every burst of up to
/// 32 bits changes it.
///
/// - Source: RFC 3720, appendix B.4; the bytes `123456789` give `0xE3069283`.
public struct CRC32C: Sendable {
  private var state: UInt32 = 0xFFFF_FFFF

  public init() {}

  /// The checksum of all bytes so far.
  public var value: UInt32 { ~state }

  public mutating func update(_ byte: UInt8) {
    state = Self.table[Int(UInt8(truncatingIfNeeded: state) ^ byte)] ^ (state >> 8)
  }

  public mutating func update(_ bytes: some Sequence<UInt8>) {
    // The table is copied out once: a global array is checked for initialisation at every access.
    let table = Self.table
    var crc = state
    for byte in bytes {
      crc = table[Int(UInt8(truncatingIfNeeded: crc) ^ byte)] ^ (crc >> 8)
    }
    state = crc
  }

  /// As the call with a sequence.
  public mutating func update(_ bytes: Span<UInt8>) {
    let table = Self.table
    var crc = state
    for index in bytes.indices {
      crc = table[Int(UInt8(truncatingIfNeeded: crc) ^ bytes[index])] ^ (crc >> 8)
    }
    state = crc
  }

  private static let table: [UInt32] = (0..<256).map { index in
    (0..<8).reduce(UInt32(index)) { crc, _ in crc & 1 == 0 ? crc >> 1 : crc >> 1 ^ 0x82F6_3B78 }
  }
}

/// The CRC-32C of some bytes.
public func crc32c(_ bytes: some Sequence<UInt8>) -> UInt32 {
  var crc = CRC32C()
  crc.update(bytes)
  return crc.value
}
