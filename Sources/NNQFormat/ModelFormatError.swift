// SPDX-License-Identifier: Apache-2.0
public import NNQFiles

/// What is wrong with the bytes of a model.
public enum ModelFormatError: Error, Equatable, Sendable {
  /// The magic is not that of a model file.
  case notAModel
  /// The file ends before the field at this byte.
  case truncated(byte: Int, needing: Int)
  case unknownForm(UInt8)
  case unsupportedVersion(found: UInt8, newestKnown: UInt8)
  case unknownFlags(UInt16)
  /// An image for one kind of CPU, which nothing reads back.
  case arranged(DeviceLayout)
  /// The length in the header is not the file's length.
  case wrongLength(stated: Int, actual: Int)
  case tooLarge(bytes: Int, limit: Int)
  case checksumMismatch(stored: UInt32, computed: UInt32)
  case compression(ZstdError)
  /// A section that this reader does not know and may not skip.
  case unknownSection(type: UInt16)
  case sectionOutOfOrder(type: UInt16)
  /// A reserved byte in a section's head or padding that is not zero.
  case nonzeroPadding(section: UInt16)
  case missingSection(SectionType)
  /// A section that does not belong into this kind of model.
  case unexpectedSection(SectionType)
  /// A section longer or shorter than its dimensions ask.
  case wrongSectionLength(SectionType, stated: Int, expected: Int)
  /// A field outside its allowed values; `index` counts layers, features, outputs or rows.
  case invalidField(SectionType, field: String, index: Int, found: String)
}
