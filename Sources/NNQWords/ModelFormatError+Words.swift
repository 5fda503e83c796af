// SPDX-License-Identifier: Apache-2.0
import NNQFiles
package import NNQFormat

extension ModelFormatError {
  /// What is wrong with the bytes, to stand after the file's name.
  package var words: String {
    switch self {
    case .notAModel: "not a model of nnq"
    case .truncated(let byte, let needing):
      "truncated at byte \(byte) (needs \(max(needing - byte, 1)) more)"
    case .unknownForm(let form): "byte 4: \(form) is no known form of a model"
    case .unsupportedVersion(let found, let newest):
      "format version \(found), this nnq reads version \(newest)"
    case .unknownFlags(let flags): "bytes 6 and 7: flags \(hexadecimal(Int(flags))) are not known"
    case .arranged(let layout):
      "an image that is arranged for \(layout.rawValue), which only such a CPU runs"
    case .wrongLength(let stated, let actual):
      "\(actual) bytes long where its header states \(stated)"
    case .tooLarge(let bytes, let limit): "\(bytes) bytes where at most \(limit) are allowed"
    case .checksumMismatch(let stored, let computed):
      "damaged: checksum \(hexadecimal(Int(computed))) where its header states "
        + hexadecimal(Int(stored))
    case .compression(let error): error.words
    case .unknownSection(let type): "section \(hexadecimal(Int(type))) is not known and must be"
    case .sectionOutOfOrder(let type): "section \(hexadecimal(Int(type))) is out of order"
    case .nonzeroPadding(let section):
      "section \(hexadecimal(Int(section))): a reserved byte is not zero"
    case .missingSection(let section): "section \(section) is missing"
    case .unexpectedSection(let section):
      "section \(section) does not belong into this kind of model"
    case .wrongSectionLength(let section, let stated, let expected):
      "section \(section): \(stated) bytes long where its fields need \(expected)"
    case .invalidField(let section, let field, let index, let found):
      "section \(section), item \(index): \(field) \(quoted(found))"
    }
  }

  /// What the user could do; nil where nothing helps.
  package var hint: String? {
    switch self {
    case .notAModel: "train writes models; a table of readings is not one"
    case .unsupportedVersion(let found, let newest) where found > newest: "a newer nnq reads it"
    case .unknownFlags, .unknownSection: "a newer nnq may read it"
    case .arranged: "give the model that it was exported from"
    case .wrongLength(let stated, let actual) where actual < stated: "the file was cut short"
    default: nil
    }
  }
}

/// For example `0x8101`.
private func hexadecimal(_ value: Int) -> String { "0x" + String(value, radix: 16) }
