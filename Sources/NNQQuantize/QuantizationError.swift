// SPDX-License-Identifier: Apache-2.0
public import NNQFormat

/// Why a float model could not be quantized.
public enum QuantizationError: Error, Equatable, Sendable {
  /// The model carries no calibration rows and none were given.
  case noCalibrationRows
  /// What is asked for is to be judged by rows held back, and the calibration rows tell nothing.
  case blind(Blindness)
  /// The model has no layer.
  case noLayers
  /// A calibration reading is not a finite number.
  case badReading(row: Int, feature: String)
  /// What a layer computes on the calibration rows is not finite.
  case notFinite(layer: Int)
  /// The scales of a row do not fit a multiplier and a shift, or its bias 2^30.
  case rowOutOfRange(layer: Int, row: Int)
  /// A sensor's counts are too fine or too coarse for a multiplier and a shift.
  case featureOutOfRange(feature: String)
  /// A target's offset is too large for its scale to be written as a code.
  case targetOutOfRange(target: String)
  /// The C runtime refuses the image.
  case refused
  /// The quantized model breaks a rule of the format.
  case format(ModelFormatError)
}
