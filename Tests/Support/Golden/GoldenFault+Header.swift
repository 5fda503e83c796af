// SPDX-License-Identifier: Apache-2.0
import NNQFormat

extension GoldenFault {
  static func headerFaults() throws -> [GoldenFault] {
    let good = try faultBase().serialized()
    func fault(
      _ name: String, _ error: ModelFormatError, _ status: String, _ bytes: [UInt8]
    ) -> GoldenFault {
      GoldenFault(name: name, error: error, status: status, bytes: bytes)
    }
    func changed(_ byte: Int, _ value: UInt8) -> [UInt8] {
      good.replacing(byte, with: value).withChecksum()
    }
    let damaged = good.replacing(good.count - 1, with: good[good.count - 1] ^ 1)
    return [
      fault("empty", .notAModel, "size", []),
      fault("bad-magic", .notAModel, "magic", changed(0, 0x8F)),
      fault("text", .notAModel, "magic", Array("rms_x,rms_y,label\n0.5,0.25,healthy\n".utf8)),
      fault("short-header", .truncated(byte: 15, needing: 16), "size", Array(good[..<15])),
      fault("unknown-form", .unknownForm(0x51), "form", changed(4, 0x51)),
      fault(
        "version-0", .unsupportedVersion(found: 0, newestKnown: 1), "version", changed(5, 0)),
      fault(
        "version-2", .unsupportedVersion(found: 2, newestKnown: 1), "version", changed(5, 2)),
      fault("unknown-flag", .unknownFlags(0x8000), "flags", changed(7, 0x80)),
      fault(
        "wrong-length", .wrongLength(stated: good.count + 8, actual: good.count), "size",
        good.replacing(8, with: UInt32(good.count + 8)).withChecksum()),
      fault(
        "huge-length", .wrongLength(stated: 0xFFFF_FFFF, actual: good.count), "size",
        good.replacing(8, with: UInt32.max).withChecksum()),
      fault(
        "truncated", .wrongLength(stated: good.count, actual: good.count - 8), "size",
        Array(good.dropLast(8))),
      fault(
        "trailing-bytes", .wrongLength(stated: good.count, actual: good.count + 8), "size",
        good + [UInt8](repeating: 0, count: 8)),
      fault(
        "wrong-crc",
        .checksumMismatch(
          stored: Envelope.word(good, at: 12), computed: crc32c(damaged[..<12] + damaged[16...])),
        "crc", damaged),
      fault(
        "header-only", .missingSection(.network), "section-missing",
        Array(good[..<16]).replacing(8, with: UInt32(16)).withChecksum()),
    ]
  }

  static func sectionFaults() throws -> [GoldenFault] {
    func fault(
      _ name: String, _ error: ModelFormatError, _ status: String,
      _ change: (inout FaultySections) -> Void
    ) throws -> GoldenFault {
      var sections = FaultySections(faultBase())
      change(&sections)
      return GoldenFault(name: name, error: error, status: status, bytes: try sections.file())
    }
    /// Faults in the heads of sections, which a list of sections cannot hold.
    func raw(
      _ name: String, _ error: ModelFormatError, _ status: String,
      _ change: ([UInt8]) -> [UInt8]
    ) throws -> GoldenFault {
      let sections = FaultySections(faultBase())
      let body = change(try writeSections(sections.sections))
      return GoldenFault(
        name: name, error: error, status: status, bytes: try sections.wrapped(body))
    }
    let end = 16 + (try writeSections(faultBase().sections()).count)
    let network = FaultySections(faultBase())[.network].count
    return [
      // The C loader reads in one pass: at the outputs it misses the network.
      try fault("section-out-of-order", .sectionOutOfOrder(type: 1), "section-missing") {
        $0.sections.swapAt(0, 1)
      },
      try fault("section-twice", .sectionOutOfOrder(type: 2), "section-order") {
        $0.sections.insert($0.sections[1], at: 1)
      },
      try fault(
        "unknown-must-understand-section", .unknownSection(type: 0x0009), "section-unknown"
      ) {
        $0.sections.insert(Section(type: 0x0009, payload: [1, 2, 3]), at: 3)
      },
      try fault("packed-section-in-image", .unexpectedSection(.features), "section-unknown") {
        $0[.features] = [1, 0, 0, 0]
      },
      try fault("network-missing", .missingSection(.network), "section-missing") {
        $0.remove(.network)
      },
      try fault("outputs-missing", .missingSection(.outputs), "section-missing") {
        $0.remove(.outputs)
      },
      try raw("section-type-zero", .sectionOutOfOrder(type: 0), "section-unknown") {
        $0.replacing(0, with: UInt16(0))
      },
      try raw("section-reserved-byte", .nonzeroPadding(section: 1), "reserved") {
        $0.replacing(2, with: UInt8(1))
      },
      try raw("section-padding-byte", .nonzeroPadding(section: 1), "reserved") {
        $0.replacing(8 + network, with: UInt8(1))
      },
      try raw(
        "section-length-past-end", .truncated(byte: end, needing: 24 + 0x10000), "length"
      ) {
        $0.replacing(4, with: UInt32(0x10000))
      },
      try raw(
        "section-length-wraps", .tooLarge(bytes: 0xFFFF_FFFF, limit: 1 << 26), "length"
      ) {
        $0.replacing(4, with: UInt32.max)
      },
      try raw("section-head-cut", .truncated(byte: end + 4, needing: end + 8), "length") {
        $0 + [1, 0x90, 0, 0]
      },
    ]
  }
}
