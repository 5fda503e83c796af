// SPDX-License-Identifier: Apache-2.0
import NNQFormat

/// What models fitted to other rows do on rows held back, in their order.
struct HeldBackRows: Sendable {
  private(set) var margins: DecisionMargins?
  private(set) var exact: [Double] = []
  private(set) var made: [Double] = []

  /// - Throws: ``QuantizationError``.
  init(
    _ model: FloatModel, fitted: CalibrationPass, held: CalibrationPass,
    _ settings: QuantizationSettings, _ recipe: Recipe,
    _ rounding: QuantizationSettings.Rounding
  ) throws(QuantizationError) {
    let candidate = try Candidate(
      model, fitted, settings, recipe, rounding: rounding, measures: .nothing)
    let rows = candidate.run(candidate.input.codes(held.readings, recipe.inputWidth))
    margins = DecisionMargins(model, held, candidate, rows)
    exact = held.outputs.last?.values.map(Double.init) ?? []
    made = candidate.tensors.last?.reals(rows) ?? []
  }

  /// Several in one.
  init(_ parts: [HeldBackRows]) {
    for part in parts {
      if let more = part.margins {
        if margins == nil { margins = more } else { margins?.append(more) }
      }
      exact += part.exact
      made += part.made
    }
  }

  /// Recipes, each on one part of the folds.
  ///
  /// - Throws: ``QuantizationError``.
  static func each(
    _ model: FloatModel, _ trials: [(part: Folds.Part, recipe: Recipe)],
    _ settings: QuantizationSettings, rounding: QuantizationSettings.Rounding
  ) throws(QuantizationError) -> [HeldBackRows] {
    let single = settings.onOneThread
    let results = concurrentMap(trials.count, threads: settings.threads) { index in
      Result { () throws(QuantizationError) in
        let (part, recipe) = trials[index]
        return try HeldBackRows(
          model, fitted: part.fitted, held: part.held, single, recipe, rounding)
      }
    }
    var rows: [HeldBackRows] = []
    for result in results { rows.append(try result.get()) }
    return rows
  }
}
