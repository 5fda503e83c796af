// SPDX-License-Identifier: Apache-2.0

/// The sections that version 1 knows; <doc:Format> describes each.
public enum SectionType: UInt16, CaseIterable, Sendable {
  case network = 0x0001
  case outputs = 0x0002
  case counts = 0x0003
  case score = 0x0004
  case selfTest = 0x8001

  case floatNetwork = 0x0101
  case image = 0x0102
  case features = 0x0110
  case task = 0x0111
  case quantization = 0x0112
  case statistics = 0x8101
  case calibration = 0x8102
  case provenance = 0x8103
  case certificate = 0x8104

  /// The sections that a flat image may have; the others belong into the packed form.
  package static let ofImage: [SectionType] = [.network, .outputs, .counts, .score, .selfTest]
  package static let ofPacked = allCases.filter { !ofImage.contains($0) }
}

extension [Section] {
  /// The sections that are none of `known`, all of which may be ignored.
  ///
  /// - Throws: ``ModelFormatError/unexpectedSection(_:)`` for one that may not.
  func others(than known: [SectionType]) throws(ModelFormatError) -> [Section] {
    let others = filter { section in !known.contains { $0.rawValue == section.type } }
    for section in others where !section.isIgnorable {
      guard let type = section.known else { throw .unknownSection(type: section.type) }
      throw .unexpectedSection(type)
    }
    return others
  }
}

/// A section as it lies in a file: a type and its payload.
package struct Section: Equatable, Sendable {
  package var type: UInt16
  package var payload: [UInt8]

  package init(_ type: SectionType, _ payload: [UInt8]) {
    self.type = type.rawValue
    self.payload = payload
  }

  package init(type: UInt16, payload: [UInt8]) {
    self.type = type
    self.payload = payload
  }

  /// A reader may skip it and the identity leaves it out.
  package var isIgnorable: Bool { type >= 0x8000 }

  package var known: SectionType? { SectionType(rawValue: type) }
}

/// The largest sizes that version 1 allows, in bytes and items.
public enum FormatLimit {
  public static let section = 1 << 26
  public static let unpacked = 1 << 27
  public static let width = 65_535
  public static let layers = 255
  public static let selfTestVectors = 64
  public static let quantiles = 64
  public static let provenancePairs = 256
  public static let stringBytes = 4096
  /// A packed file larger than this cannot hold sections within ``unpacked``.
  public static let file = (1 << 27) + (1 << 20)
}
