// SPDX-License-Identifier: Apache-2.0

/// The bytes of sections, each with its head and padded to a multiple of 8.
///
/// - Throws: ``ModelFormatError/tooLarge(bytes:limit:)``.
package func writeSections(_ sections: [Section]) throws(ModelFormatError) -> [UInt8] {
  var writer = ByteWriter()
  for section in sections {
    guard section.payload.count <= FormatLimit.section else {
      throw .tooLarge(bytes: section.payload.count, limit: FormatLimit.section)
    }
    writer.integer(section.type)
    writer.zeros(2)
    writer.integer(UInt32(section.payload.count))
    writer.append(section.payload)
    writer.pad(to: 8)
  }
  return writer.bytes
}

/// Takes bytes apart into sections: ascending types, zero padding, nothing left over.
package func readSections(_ bytes: ArraySlice<UInt8>) throws(ModelFormatError) -> [Section] {
  var sections: [Section] = []
  var rest = bytes
  while !rest.isEmpty {
    guard rest.count >= 8 else {
      throw .truncated(byte: rest.endIndex, needing: rest.startIndex + 8)
    }
    let head = Array(rest.prefix(8))
    let type = UInt16(head[0]) | UInt16(head[1]) << 8
    guard type != 0, sections.last.map({ $0.type < type }) ?? true else {
      throw .sectionOutOfOrder(type: type)
    }
    guard head[2] == 0, head[3] == 0 else { throw .nonzeroPadding(section: type) }
    guard type >= 0x8000 || SectionType(rawValue: type) != nil else {
      throw .unknownSection(type: type)
    }
    let length = Int(clamping: Envelope.word(head, at: 4))
    guard length <= FormatLimit.section else {
      throw .tooLarge(bytes: length, limit: FormatLimit.section)
    }
    let padded = (length + 7) / 8 * 8
    rest = rest.dropFirst(8)
    guard padded <= rest.count else {
      throw .truncated(byte: rest.endIndex, needing: rest.startIndex + padded)
    }
    let payload = rest.prefix(padded)
    guard payload.dropFirst(length).allSatisfy({ $0 == 0 }) else {
      throw .nonzeroPadding(section: type)
    }
    sections.append(Section(type: type, payload: Array(payload.prefix(length))))
    rest = rest.dropFirst(padded)
  }
  return sections
}
