// SPDX-License-Identifier: Apache-2.0
import NNQFormat
import NNQMath

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
    var margins: DecisionMargins?
    var exact: [Double] = []
    var made: [Double] = []
    for fold in 0..<folds {
      let span = fold * pass.rows / folds..<(fold + 1) * pass.rows / folds
      let others = (0..<pass.rows).filter { !span.contains($0) }
      let fitted = CalibrationPass(pass, rows: folds == 1 ? Array(span) : others)
      let held = CalibrationPass(pass, rows: Array(span))
      let candidate = try Candidate(model, fitted, settings, recipe, rounding: rounding)
      let rows = candidate.run(candidate.input.codes(held.readings, recipe.inputWidth))
      let part = DecisionMargins(model, held, candidate, rows)
      if margins == nil { margins = part } else { margins?.append(part) }
      exact += (held.outputs.last ?? []).joined().map(Double.init)
      made += rows.joined().map { candidate.tensors.last?.real(Int($0)) ?? 0 }
    }
    sqnr = signalToNoise(outputs: max(model.outputs, 1), exact: exact, quantized: made)
    expectedFlips = margins?.expectedFlips
    flipped = margins?.flipped ?? 0
    decisions = margins?.decisions ?? 0
  }

  /// What is lost, as a share: the decisions to be expected to turn, which bounds what accuracy can
  /// lose; for a regression the variance of the noise against that of the values, which is what R2
  /// loses.
  public var loss: Double {
    if let expectedFlips { return expectedFlips }
    return sqnr.map { PortableMath.exp(-$0 * (ln10 / 10)) } ?? 0
  }

  /// Whether decisions and values are kept.
  var isKept: Bool { loss <= Self.toleratedLoss }

  var coversInput: Bool { (sqnr ?? .infinity) >= Self.neededSQNR }
}
