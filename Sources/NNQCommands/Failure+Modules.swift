// SPDX-License-Identifier: Apache-2.0
import NNQFormat
import NNQQuantize

extension Failure {
  /// What is wrong with a model file, as a sentence.
  init(_ error: ModelFormatError, in path: String) {
    switch error {
    case .notAModel:
      self.init(
        .badInput, "\(path): not a model of nnq",
        hint: "train writes models; a table of readings is not one")
    case .truncated(let byte, let needing):
      self.init(
        .badInput, "\(path): truncated at byte \(byte) (needs \(max(needing - byte, 1)) more)")
    case .unknownForm(let form):
      self.init(.badInput, "\(path): byte 4: \(form) is no known form of a model")
    case .unsupportedVersion(let found, let newest):
      self.init(
        .badInput, "\(path): format version \(found), this nnq reads version \(newest)",
        hint: found > newest ? "a newer nnq reads it" : nil)
    case .unknownFlags(let flags):
      self.init(
        .badInput, "\(path): bytes 6 and 7: flags \(hexadecimal(Int(flags))) are not known",
        hint: "a newer nnq may read it")
    case .wrongLength(let stated, let actual):
      self.init(
        .badInput, "\(path): \(actual) bytes long where its header states \(stated)",
        hint: actual < stated ? "the file was cut short" : nil)
    case .tooLarge(let bytes, let limit):
      self.init(.badInput, "\(path): \(bytes) bytes where at most \(limit) are allowed")
    case .checksumMismatch(let stored, let computed):
      self.init(
        .badInput,
        "\(path): damaged: checksum \(hexadecimal(Int(computed))) where its header states "
          + hexadecimal(Int(stored)))
    case .compression(let error): self.init(error, in: path)
    case .unknownSection(let type):
      self.init(
        .badInput, "\(path): section \(hexadecimal(Int(type))) is not known and must be",
        hint: "a newer nnq may read it")
    case .sectionOutOfOrder(let type):
      self.init(.badInput, "\(path): section \(hexadecimal(Int(type))) is out of order")
    case .nonzeroPadding(let section):
      self.init(
        .badInput, "\(path): section \(hexadecimal(Int(section))): a reserved byte is not zero")
    case .missingSection(let section):
      self.init(.badInput, "\(path): section \(section) is missing")
    case .unexpectedSection(let section):
      self.init(.badInput, "\(path): section \(section) does not belong into this kind of model")
    case .wrongSectionLength(let section, let stated, let expected):
      self.init(
        .badInput,
        "\(path): section \(section): \(stated) bytes long where its fields need \(expected)")
    case .invalidField(let section, let field, let index, let found):
      self.init(
        .badInput, "\(path): section \(section), item \(index): \(field) \(quoted(found))")
    }
  }

  /// Why a model cannot be quantized, as a sentence.
  init(_ error: QuantizationError, in path: String) {
    switch error {
    case .noCalibrationRows:
      self.init(
        .badInput, "\(path): carries no calibration rows", hint: "give some with --calibrate")
    case .noLayers: self.init(.badInput, "\(path): has no layers")
    case .badReading(let row, let feature):
      self.init(
        .badInput, "\(path): calibration row \(row + 1), \(quoted(feature)): not a finite number")
    case .notFinite(let layer):
      self.init(
        .badInput, "\(path): layer \(layer) gives no finite numbers on the calibration rows",
        hint: "the training diverged or the rows are in other units than the training rows")
    case .rowOutOfRange(let layer, let row):
      self.init(
        .badInput, "\(path): layer \(layer), row \(row): its weights and bias fit no integer scale",
        hint: "weights of this size are a sign of diverged training")
    case .featureOutOfRange(let feature):
      self.init(
        .badInput, "\(path): the sensor counts of \(quoted(feature)) fit no integer scale",
        hint: "check the unit per count and the range that --counts declared")
    case .targetOutOfRange(let target):
      self.init(
        .badInput, "\(path): target \(quoted(target)): its mean is too large for its spread",
        hint: "subtract a constant from the target before training")
    case .refused:
      self.init(.internalError, "\(path): the C runtime refuses the quantized model")
    case .format(let error): self.init(error, in: path)
    }
  }
}

/// For example `0x8101`.
private func hexadecimal(_ value: Int) -> String { "0x" + String(value, radix: 16) }
