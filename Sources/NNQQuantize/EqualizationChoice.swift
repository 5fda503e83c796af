// SPDX-License-Identifier: Apache-2.0
import NNQFormat

extension QuantizationSettings.Equalization {
  /// What an exponent has to gain over a smaller one, in decibels.
  ///
  /// - Source: measured on ten networks: gains below 2 dB on rows held back were losses on others.
  private static let gain = 2.0

  /// The exponent that is clearly best with a recipe on rows held back, and loses no more decisions.
  ///
  /// - Throws: ``QuantizationError``.
  static func best(
    _ model: FloatModel, _ rows: CalibrationRows, _ settings: QuantizationSettings,
    _ recipe: Recipe
  ) throws(QuantizationError) -> (equalization: Self, heldBack: HeldBack) {
    let rounding = settings.rounding(toJudge: recipe)
    func heldBack(_ model: FloatModel) throws(QuantizationError) -> HeldBack {
      let folds = Folds(model, try CalibrationPass(model, rows))
      return try HeldBack(model, folds, settings, recipe, rounding: rounding)
    }
    var best = (equalization: Self.none, heldBack: try heldBack(model))
    for equalization in [Self.quarter, .half] {
      let equalized = model.equalized(equalization)
      guard equalized != model else { continue }
      let held = try heldBack(equalized)
      if held.sqnr ?? .infinity > (best.heldBack.sqnr ?? .infinity) + Self.gain,
        held.loss <= best.heldBack.loss
      {
        best = (equalization, held)
      }
    }
    return best
  }
}
