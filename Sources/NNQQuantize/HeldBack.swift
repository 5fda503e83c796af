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
  /// What 8-bit inputs need as well: they are the first to clip on rows not seen.
  static let neededSQNR = 36.0

  /// Fitted to all parts but one and measured on that, for each part.
  ///
  /// - Throws: ``QuantizationError``.
  init(
    _ model: FloatModel, _ folds: Folds, _ settings: QuantizationSettings, _ recipe: Recipe,
    rounding: QuantizationSettings.Rounding
  ) throws(QuantizationError) {
    let single = settings.onOneThread
    let parts = concurrentMap(folds.parts.count, threads: settings.threads) { index in
      Result { () throws(QuantizationError) in
        try Measured(
          model, fitted: folds.parts[index].fitted, held: folds.parts[index].held, single,
          recipe, rounding)
      }
    }
    var measured = Measured()
    for part in parts { measured.append(try part.get()) }
    self.init(model, measured)
  }

  /// Fitted to the rows of one pass and measured on those of another.
  ///
  /// - Throws: ``QuantizationError``.
  init(
    _ model: FloatModel, fitted: CalibrationPass, held: CalibrationPass,
    _ settings: QuantizationSettings, _ recipe: Recipe
  ) throws(QuantizationError) {
    self.init(
      model, try Measured(model, fitted: fitted, held: held, settings, recipe, .nearest))
  }

  private init(_ model: FloatModel, _ measured: Measured) {
    sqnr = signalToNoise(
      outputs: max(model.outputs, 1), exact: measured.exact, quantized: measured.made)
    expectedFlips = measured.margins?.expectedFlips
    flipped = measured.margins?.flipped ?? 0
    decisions = measured.margins?.decisions ?? 0
  }

  /// What models fitted to other rows do on rows held back, in their order.
  private struct Measured: Sendable {
    var margins: DecisionMargins?
    var exact: [Double] = []
    var made: [Double] = []

    init() {}

    init(
      _ model: FloatModel, fitted: CalibrationPass, held: CalibrationPass,
      _ settings: QuantizationSettings, _ recipe: Recipe,
      _ rounding: QuantizationSettings.Rounding
    ) throws(QuantizationError) {
      let candidate = try Candidate(
        model, fitted, settings, recipe, rounding: rounding, measuresLayers: false)
      let rows = candidate.run(candidate.input.codes(held.readings, recipe.inputWidth))
      margins = DecisionMargins(model, held, candidate, rows)
      exact = held.outputs.last?.values.map(Double.init) ?? []
      made = candidate.tensors.last?.reals(rows) ?? []
    }

    mutating func append(_ other: Measured) {
      if let part = other.margins {
        if margins == nil { margins = part } else { margins?.append(part) }
      }
      exact += other.exact
      made += other.made
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
