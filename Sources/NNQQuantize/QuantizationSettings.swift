// SPDX-License-Identifier: Apache-2.0
public import NNQFormat

/// How a float model is to be quantized.
public struct QuantizationSettings: Equatable, Sendable {
  /// Whether the input has one scale or one a feature.
  public enum InputScale: String, CaseIterable, Sendable {
    /// Both are built and measured on the calibration rows; the better one is kept.
    case auto
    case feature
    case tensor

    var schemes: [InputScale] { self == .auto ? [.feature, .tensor] : [self] }
  }

  /// The bits of the input's codes.
  public enum InputWidth: String, CaseIterable, Sendable {
    /// Eight where they keep up with sixteen on the calibration rows, else sixteen.
    case auto
    case eight = "8"
    case sixteen = "16"

    var widths: [CodeWidth] {
      switch self {
      case .auto: [.eight, .sixteen]
      case .eight: [.eight]
      case .sixteen: [.sixteen]
      }
    }
  }

  /// How the range of a tensor follows from what was seen.
  public enum Ranges: String, CaseIterable, Sendable {
    /// The smallest and largest value, widened by a margin for rows not seen.
    case margin
    /// The smallest and largest value.
    case minmax
  }

  /// How weights become codes.
  public enum Rounding: String, CaseIterable, Sendable {
    /// Each to the nearest code.
    case nearest
    /// One after the other; those that are left make up for the errors of those before.
    case feedback = "gptq"
  }

  public var outputWidth: CodeWidth = .sixteen
  public var inputScale: InputScale = .auto
  public var inputWidth: InputWidth = .auto
  public var ranges: Ranges = .margin
  public var rounding: Rounding = .feedback
  /// Shift each bias by the mean error that quantization makes on the calibration rows.
  public var correctsBias = true

  public init() {}

  /// The factor on an 8-bit tensor's range.
  ///
  /// - Source: measured; about 1 dB where the rows are covered, two to five times less worst error
  ///   where they are not.
  var margin8: Double { ranges == .margin ? 1.15 : 1 }
  /// The factor on a 16-bit tensor's range, where a bit is to spare.
  var margin16: Double { ranges == .margin ? 2 : 1 }

  func margin(_ width: CodeWidth) -> Double { width == .eight ? margin8 : margin16 }
}
