// SPDX-License-Identifier: Apache-2.0
import NNQFiles
import NNQFormat

extension GoldenFault {
  /// Faults in the zstd frame of packed files.
  static func compressionFaults() throws -> [GoldenFault] {
    func fault(
      _ name: String, _ error: ModelFormatError, rawSize: Int, _ frame: [UInt8]
    ) throws -> GoldenFault {
      GoldenFault(
        name: name, error: error, status: "form",
        bytes: try FaultySections.packed(rawSize: rawSize, frame: frame))
    }
    let raw = try writeSections(FaultySections(int8Model()).sections)
    let frame = try Zstd.compress(raw)
    let stated = UInt64(raw.count)
    return [
      try fault(
        "zstd-truncated", .compression(.truncated), rawSize: raw.count, frame.dropLast(3)),
      try fault(
        "zstd-trailing", .compression(.damaged(reason: "bytes after the frame")),
        rawSize: raw.count, frame + [0]),
      try fault(
        "zstd-two-frames", .compression(.damaged(reason: "bytes after the frame")),
        rawSize: raw.count, frame + frame),
      try fault("zstd-missing", .compression(.notAFrame), rawSize: raw.count, []),
      try fault(
        "zstd-not-a-frame", .compression(.notAFrame), rawSize: raw.count,
        frame.replacing(0, with: UInt8(0x29))),
      try fault(
        "zstd-bomb-declared", .tooLarge(bytes: 1 << 27 + 1, limit: 1 << 27),
        rawSize: 1 << 27 + 1, frame),
      try fault(
        "raw-size-mismatch",
        .compression(.wrongSize(found: stated, expected: stated - 1)), rawSize: raw.count - 1,
        frame),
      // A window of 16 MiB: exponent 14, one raw block of one byte, four bytes of content size.
      try fault(
        "zstd-large-window", .compression(.windowTooLarge), rawSize: 1,
        [0x28, 0xB5, 0x2F, 0xFD, 0x80, 14 << 3, 1, 0, 0, 0, 0x09, 0, 0, 0]),
      // No content size: one raw block of one byte in a window of 1 KiB.
      try fault(
        "zstd-without-size", .compression(.notAFrame), rawSize: 1,
        [0x28, 0xB5, 0x2F, 0xFD, 0, 0, 0x09, 0, 0, 0]),
      try fault("zstd-bomb", .sectionOutOfOrder(type: 0), rawSize: 1 << 27, bomb(log2: 27)),
      try fault(
        "zstd-bomb-understated", .compression(.wrongSize(found: 1 << 27, expected: 1024)),
        rawSize: 1024, bomb(log2: 27)),
      try fault(
        "packed-sections-truncated",
        .truncated(byte: 12, needing: 8 + 8), rawSize: 12,
        Zstd.compress([1, 1, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0])),
      try fault(
        "packed-empty", .missingSection(.features), rawSize: 0, Zstd.compress([])),
      GoldenFault(
        name: "packed-without-size", error: .truncated(byte: 18, needing: 20), status: "form",
        bytes: try Envelope.packed.serialized([0, 0])),
    ]
  }

  /// A frame of a few kilobytes that unpacks to 2^log2 zeros: blocks that say one byte 2^17 times.
  private static func bomb(log2: Int) -> [UInt8] {
    let blocks = 1 << (log2 - 17)
    var frame: [UInt8] = [0x28, 0xB5, 0x2F, 0xFD, 0x80, 13 << 3]
    frame += [0, 0, 0, 0].replacing(0, with: UInt32(1) << UInt32(log2))
    for block in 1...blocks {
      let head = UInt32(block == blocks ? 1 : 0) | 1 << 1 | 1 << 20
      frame += [UInt8(truncatingIfNeeded: head), UInt8(truncatingIfNeeded: head >> 8)]
      frame += [UInt8(truncatingIfNeeded: head >> 16), 0]
    }
    return frame
  }
}
