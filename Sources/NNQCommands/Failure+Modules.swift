// SPDX-License-Identifier: Apache-2.0
import NNQFormat
import NNQQuantize
import NNQWords

extension Failure {
  /// What is wrong with a model file, as a sentence.
  init(_ error: ModelFormatError, in path: String) {
    if case .compression(let error) = error {
      self.init(error, in: path)
    } else {
      self.init(.badInput, "\(path): \(error.words)", hint: error.hint)
    }
  }

  /// Why a model cannot be quantized, as a sentence.
  init(_ error: QuantizationError, in path: String) {
    switch error {
    case .noCalibrationRows:
      self.init(
        .badInput, "\(path): carries no calibration rows", hint: "give some with --calibrate")
    case .blind(let blindness):
      self.init(
        .badInput, "\(path): no recipe can be judged, \(blindness.sentence)",
        hint: "give more rows with --calibrate, or leave --fit and --max-drop out")
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
        hint: "weights of this size are a sign of diverged training, readings of another unit")
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
