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

  /// The loss that a recipe may make.
  ///
  /// - Source: a third of the 0.1 % that flips are to stay below in the mean of many tables; for a
  ///   regression it is 35.2 dB.
  public static let toleratedLoss = 0.0003
  /// What a recipe needs as well: rows not seen are the first to clip, and they lie nearer to where
  /// decisions turn than those that the network was trained on.
  static let neededSQNR = 36.0

  /// Fitted to all parts but one and measured on that, for each part.
  ///
  /// - Throws: ``QuantizationError``.
  init(
    _ model: FloatModel, _ folds: Folds, _ settings: QuantizationSettings, _ recipe: Recipe,
    rounding: QuantizationSettings.Rounding
  ) throws(QuantizationError) {
    self.init(
      model,
      HeldBackRows(
        try HeldBackRows.each(
          model, folds.parts.map { ($0, recipe) }, settings, rounding: rounding)))
  }

  /// Fitted to the rows of one pass and measured on those of another.
  ///
  /// - Throws: ``QuantizationError``.
  init(
    _ model: FloatModel, fitted: CalibrationPass, held: CalibrationPass,
    _ settings: QuantizationSettings, _ recipe: Recipe
  ) throws(QuantizationError) {
    self.init(
      model, try HeldBackRows(model, fitted: fitted, held: held, settings, recipe, .nearest))
  }

  init(_ model: FloatModel, _ rows: HeldBackRows) {
    sqnr = signalToNoise(
      outputs: max(model.outputs, 1), exact: rows.exact, quantized: rows.made)
    expectedFlips = rows.margins?.expectedFlips
    flipped = rows.margins?.flipped ?? 0
    decisions = rows.margins?.decisions ?? 0
  }

  /// What is lost, as a share: the decisions to be expected to turn, which bounds what accuracy can
  /// lose; for a regression the variance of the noise against that of the values, which is what R2
  /// loses.
  public var loss: Double {
    if let expectedFlips { return expectedFlips }
    return sqnr.map(powerOfNoise) ?? 0
  }

  /// Whether decisions and values are kept.
  var isKept: Bool { canBeKept(onRows: 1) }

  /// Whether decisions and values would be kept if these rows were one of `parts` and all others lost
  /// nothing.
  func canBeKept(onRows parts: Int) -> Bool {
    let parts = Double(parts)
    let noise = sqnr.map(powerOfNoise) ?? 0
    return loss <= Self.toleratedLoss * parts && noise <= powerOfNoise(Self.neededSQNR) * parts
  }
}
