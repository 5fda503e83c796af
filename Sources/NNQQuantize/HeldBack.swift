// SPDX-License-Identifier: Apache-2.0
import NNQFormat

/// What a recipe does on calibration rows that it was not fitted to.
public struct HeldBack: Equatable, Sendable {
  /// Of the output, in decibels; infinite where nothing is lost, nil where it is constant.
  public var sqnr: Double?
  /// The share of decisions to be expected to turn; nil for regression.
  public var expectedFlips: Double?
  /// Decisions that turned on the rows themselves, of ``decisions``.
  public var flipped: Int
  public var decisions: Int

  /// The calibration rows are cut into so many contiguous parts; each is held back once. Rows of one
  /// time, day or machine lie together, so that a part stands for what the others did not see.
  static let folds = 4

  /// The loss that a recipe may make.
  ///
  /// - Source: a third of the 0.1 % that flips are to stay below in the mean of many tables; for a
  ///   regression it is 35.2 dB.
  public static let toleratedLoss = 0.0003
  /// What 8-bit inputs need as well: they are the first to clip on rows not seen.
  static let neededSQNR = 36.0

  /// - Throws: ``QuantizationError``.
  init(
    _ model: FloatModel, _ pass: CalibrationPass, _ settings: QuantizationSettings,
    _ recipe: Recipe, rounding: QuantizationSettings.Rounding, folds: Int = Self.folds
  ) throws(QuantizationError) {
    let folds = min(folds, max(pass.rows / 2, 1))
    var measured = Measured()
    for fold in 0..<folds {
      let span = fold * pass.rows / folds..<(fold + 1) * pass.rows / folds
      let others = (0..<pass.rows).filter { !span.contains($0) }
      try measured.add(
        model, fitted: CalibrationPass(pass, rows: folds == 1 ? Array(span) : others),
        held: CalibrationPass(pass, rows: Array(span)), settings, recipe, rounding)
    }
    self.init(model, measured)
  }

  /// Fitted to the rows of one pass and measured on those of another.
  ///
  /// - Throws: ``QuantizationError``.
  init(
    _ model: FloatModel, fitted: CalibrationPass, held: CalibrationPass,
    _ settings: QuantizationSettings, _ recipe: Recipe
  ) throws(QuantizationError) {
    var measured = Measured()
    try measured.add(model, fitted: fitted, held: held, settings, recipe, .nearest)
    self.init(model, measured)
  }

  private init(_ model: FloatModel, _ measured: Measured) {
    sqnr = signalToNoise(
      outputs: max(model.outputs, 1), exact: measured.exact, quantized: measured.made)
    expectedFlips = measured.margins?.expectedFlips
    flipped = measured.margins?.flipped ?? 0
    decisions = measured.margins?.decisions ?? 0
  }

  /// What models fitted to other rows do on rows held back, in their order.
  private struct Measured {
    var margins: DecisionMargins?
    var exact: [Double] = []
    var made: [Double] = []

    mutating func add(
      _ model: FloatModel, fitted: CalibrationPass, held: CalibrationPass,
      _ settings: QuantizationSettings, _ recipe: Recipe,
      _ rounding: QuantizationSettings.Rounding
    ) throws(QuantizationError) {
      let candidate = try Candidate(
        model, fitted, settings, recipe, rounding: rounding, measuresLayers: false)
      let rows = candidate.run(candidate.input.codes(held.readings, recipe.inputWidth))
      let part = DecisionMargins(model, held, candidate, rows)
      if margins == nil { margins = part } else { margins?.append(part) }
      exact += (held.outputs.last ?? []).joined().map(Double.init)
      made += rows.joined().map { candidate.tensors.last?.real(Int($0)) ?? 0 }
    }
  }

  /// What is lost, as a share: the decisions to be expected to turn, which bounds what accuracy can
  /// lose; for a regression the variance of the noise against that of the values, which is what R2
  /// loses.
  public var loss: Double {
    if let expectedFlips { return expectedFlips }
    return sqnr.map(powerOfNoise) ?? 0
  }

  /// Whether decisions and values are kept.
  var isKept: Bool { loss <= Self.toleratedLoss }

  var coversInput: Bool { (sqnr ?? .infinity) >= Self.neededSQNR }
}
