// SPDX-License-Identifier: Apache-2.0
public import NNQFormat

/// How a float model is to be quantized.
public struct QuantizationSettings: Equatable, Sendable {
  /// Whether the input has one scale or one a feature.
  public enum InputScale: String, CaseIterable, Sendable {
    /// What is best on calibration rows that were held back.
    case auto
    case feature
    /// The geometric mean of both: room for rare readings, and steps that follow the feature.
    case blend
    case tensor
  }

  /// Bits that are fixed or left to the choice of ``Recipe``.
  public enum Width: String, CaseIterable, Sendable {
    /// Eight where that keeps decisions and values on calibration rows that were held back.
    case auto
    case eight = "8"
    case sixteen = "16"

    /// Nil for auto.
    var fixed: CodeWidth? {
      switch self {
      case .auto: nil
      case .eight: .eight
      case .sixteen: .sixteen
      }
    }
  }

  /// The bits of the weights.
  public enum Weights: String, CaseIterable, Sendable {
    case eight = "8"
    case four = "4"
    /// Four bits where they cost least, so that 65 % of the bytes are left where layers allow it.
    case mixed
  }

  /// Whether the weights of a layer share a scale.
  public enum WeightScales: String, CaseIterable, Sendable {
    /// One for each output.
    case row
    /// One for all.
    case tensor
  }

  /// How the range of a tensor follows from what was seen.
  public enum Ranges: String, CaseIterable, Sendable {
    /// Margin; minmax or percentile where input, activations and output are fixed to 8 bits and that is
    /// clearly better on calibration rows that were held back.
    case auto
    /// The smallest and largest value, widened by a margin for rows not seen.
    case margin
    /// The smallest and largest value.
    case minmax
    /// All but one value in 1,000 at each end.
    case percentile
    /// The range with the least squared error of its codes.
    case mse
    /// The range whose codes keep most of the values' distribution.
    case entropy
    /// A moving average of the smallest and largest value of batches of rows.
    case ema

    /// Whether a range may end before what was seen.
    var clips: Bool { self != .auto && self != .margin && self != .minmax }
  }

  /// How weights become codes.
  public enum Rounding: String, CaseIterable, Sendable {
    /// Each to the nearest code.
    case nearest
    /// One after the other; those that are left make up for the errors of those before.
    case feedback = "gptq"
    /// The same, and then each code is moved as long as that makes the error less.
    case descent
  }

  /// How far hidden units are brought to one size; the exponent of their ratio.
  public enum Equalization: String, CaseIterable, Sendable {
    /// The exponent that is clearly best on calibration rows that were held back.
    case auto
    case none = "0"
    case quarter = "0.25"
    case half = "0.5"

    /// 0 for auto, which is no choice yet.
    var exponent: Double {
      switch self {
      case .auto, .none: 0
      case .quarter: 0.25
      case .half: 0.5
      }
    }
  }

  /// What a range may be widened by.
  public static let margins = 1.0...4.0

  public var outputWidth: CodeWidth = .sixteen
  public var inputScale: InputScale = .auto
  public var inputWidth: Width = .auto
  /// Of the codes between layers.
  public var activations: Width = .auto
  public var weights: Weights = .eight
  public var weightScales: WeightScales = .row
  public var ranges: Ranges = .auto
  /// The factor on the ranges of 8-bit codes where the rule of ranges has a margin, one of ``margins``;
  /// nil takes one for the input and one for what layers hand on.
  public var margin: Double?
  public var rounding: Rounding = .descent
  /// Shift each bias by the mean error that quantization makes on the calibration rows.
  public var correctsBias = true
  /// 4-bit weights make up for the errors of the layers before them; at 8 bits those are too small for
  /// a few hundred rows to tell.
  public var carriesErrors = true
  /// 4-bit codes are moved for the sake of the network's outputs, not of their layer alone.
  public var descendsOnOutput = true
  /// Tables of activations take 16-bit codes also where they hand on 8 bits. If not, they take 8 bits
  /// there, and tanh and sigmoid hand on the codes that TFLite demands.
  public var takesFineTables = true

  public var equalization: Equalization = .none
  /// Leave out what is constant on the calibration rows.
  public var prunes = false

  /// What may be computed at a time; no result depends on it.
  public var threads = 1

  public init() {}

  var onOneThread: Self {
    var settings = self
    settings.threads = 1
    return settings
  }

  private var hasMargin: Bool { ranges == .auto || ranges == .margin }

  /// The factor on the range of the codes that a layer hands on.
  ///
  /// - Source: measured on eight sensor tables: at 8 bits 1.1 costs about 1 dB where the rows are
  ///   covered and halves the worst error where they are not; at 16 bits a bit is to spare.
  func margin(_ width: CodeWidth) -> Double {
    factor(width, narrow: 1.1, wide: 2)
  }

  /// The factor on the range of the input, which is what leaves its range first.
  func inputMargin(_ width: CodeWidth) -> Double {
    factor(width, narrow: 1.05, wide: 4)
  }

  /// 16-bit codes keep their margin, which is nearly free, unless a wider one is asked for.
  private func factor(_ width: CodeWidth, narrow: Double, wide: Double) -> Double {
    guard hasMargin else { return 1 }
    return width == .eight ? margin ?? narrow : max(margin ?? wide, wide)
  }
}
