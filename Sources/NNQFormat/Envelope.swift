// SPDX-License-Identifier: Apache-2.0

/// The header that all files share: magic, form, version, flags, length, CRC-32C.
package enum Envelope: UInt8 {
  case flat = 0x46
  case packed = 0x50
  /// Not a model: counts of what a model met.
  case state = 0x53

  package static let magic: [UInt8] = [0x8E, 0x4E, 0x4E, 0x51]
  package static let version: UInt8 = 1
  package static let byteCount = 16
  private static let checksumRange = 12..<16

  /// The most bytes of a whole file.
  private var limit: Int { self == .packed ? FormatLimit.file : FormatLimit.section }

  /// The whole file around a body; `flags` are those that a reader must understand.
  package func serialized(
    _ body: [UInt8], flags: UInt16 = 0
  ) throws(ModelFormatError) -> [UInt8] {
    let length = Self.byteCount + body.count
    guard length <= limit else { throw .tooLarge(bytes: length, limit: limit) }
    var writer = ByteWriter()
    writer.append(Self.magic)
    writer.integer(rawValue)
    writer.integer(Self.version)
    writer.integer(flags)
    writer.integer(UInt32(length))
    var crc = CRC32C()
    crc.update(writer.bytes)
    crc.update(body)
    writer.integer(crc.value)
    writer.append(body)
    return writer.bytes
  }

  /// Checks the header and the checksum of a whole file; the body starts at ``byteCount``.
  package static func parse(_ file: [UInt8]) throws(ModelFormatError) -> Envelope {
    guard file.starts(with: magic) else { throw .notAModel }
    guard file.count >= byteCount else { throw .truncated(byte: file.count, needing: byteCount) }
    guard let form = Envelope(rawValue: file[4]) else { throw .unknownForm(file[4]) }
    guard file[5] == version else {
      throw .unsupportedVersion(found: file[5], newestKnown: version)
    }
    let flags = UInt16(file[6]) | UInt16(file[7]) << 8
    if flags != 0 {
      guard form == .flat, let layout = DeviceLayout.allCases.first(where: { $0.flags == flags })
      else {
        throw .unknownFlags(flags)
      }
      throw .arranged(layout)
    }
    let stated = Int(clamping: word(file, at: 8))
    guard stated == file.count else { throw .wrongLength(stated: stated, actual: file.count) }
    guard stated <= form.limit else { throw .tooLarge(bytes: stated, limit: form.limit) }

    var crc = CRC32C()
    crc.update(file[..<checksumRange.lowerBound])
    crc.update(file[checksumRange.upperBound...])
    let stored = word(file, at: checksumRange.lowerBound)
    guard stored == crc.value else {
      throw .checksumMismatch(stored: stored, computed: crc.value)
    }
    return form
  }

  /// The u32 at a byte that is known to be there.
  package static func word(_ bytes: [UInt8], at byte: Int) -> UInt32 {
    (0..<4).reduce(0) { $0 | UInt32(bytes[byte + $1]) << UInt32(8 * $1) }
  }
}
