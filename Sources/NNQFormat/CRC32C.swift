// SPDX-License-Identifier: Apache-2.0
import CNNQVector

/// CRC-32C (Castagnoli), the checksum of both model forms: every 1-bit flip and every burst of up to
/// 32 bits changes it.
///
/// - Source: RFC 3720, appendix B.4; the bytes `123456789` give `0xE3069283`.
public struct CRC32C: Sendable {
  private var state: UInt32 = 0xFFFF_FFFF
  /// Whether the CPU's own instructions do the work.
  private let takesInstructions: Bool

  public init() { self.init(takesInstructions: nnq_crc32c_is_available() != 0) }

  /// - Parameter takesInstructions: true only where the CPU has them; they change no bit.
  package init(takesInstructions: Bool) { self.takesInstructions = takesInstructions }

  /// The checksum of all bytes so far.
  public var value: UInt32 { ~state }

  public mutating func update(_ byte: UInt8) {
    state = Self.table[Int(UInt8(truncatingIfNeeded: state) ^ byte)] ^ (state >> 8)
  }

  public mutating func update(_ bytes: some Sequence<UInt8>) {
    let isDone: Void? = bytes.withContiguousStorageIfAvailable { unsafe update($0.span) }
    if isDone == nil { for byte in bytes { update(byte) } }
  }

  /// As the call with a sequence.
  public mutating func update(_ bytes: Span<UInt8>) {
    if takesInstructions, !bytes.isEmpty {
      state = unsafe bytes.withUnsafeBufferPointer { bytes in
        guard let first = bytes.baseAddress else { return state }
        return unsafe nnq_crc32c_update(state, first, bytes.count)
      }
      return
    }
    // The table is copied out once: a global array is checked for initialisation at every access.
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
