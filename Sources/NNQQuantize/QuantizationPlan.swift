// SPDX-License-Identifier: Apache-2.0
import NNQFormat

/// What settings come to for one model and its calibration rows: every choice made, and measured on
/// rows held back.
struct QuantizationPlan {
  /// Pruned and equalized as the settings say.
  let model: FloatModel
  /// On all rows that calibrate.
  let pass: CalibrationPass
  let folds: Folds
  /// Those asked for, with nothing left open that a recipe does not hold.
  let settings: QuantizationSettings
  let recipe: Recipe
  /// Cheapest first.
  let trials: [QuantizationReport.Trial]
  /// Why the rows say nothing of others; nil where they do.
  let blindness: Blindness?

  /// - Throws: ``QuantizationError``.
  init(
    _ float: FloatModel, _ rows: CalibrationRows, _ settings: QuantizationSettings
  ) throws(QuantizationError) {
    let float = try float.pruned(as: settings, rows)
    let calibrating = rows.filledUp(for: float)
    var model = float.equalized(settings.equalization)
    var pass = try CalibrationPass(model, calibrating, threads: settings.threads)
    var folds = Folds(model, pass)
    let choice = try RecipeChoice.best(
      model, folds, rows.rows < Blindness.leastRows ? settings.withoutMeasuring : settings)
    var (settings, recipe, trials) = (choice.settings, choice.recipe, choice.trials)
    func heldBack(_ recipe: Recipe) throws(QuantizationError) -> HeldBack {
      try HeldBack(
        model, folds, settings, recipe, rounding: settings.rounding(toJudge: recipe))
    }
    switch settings.weights {
    case .eight: break
    case .four:
      recipe.weights = recipe.weights.map { _ in .four }
      trials.append(.init(recipe: recipe, heldBack: try heldBack(recipe)))
    case .mixed:
      var four = recipe
      four.weights = recipe.weights.map { _ in .four }
      recipe = recipe.mixed(model, try recipe.layersByCostOfFourBits(model, pass, settings))
      let mixed = QuantizationReport.Trial(recipe: recipe, heldBack: try heldBack(recipe))
      let narrow = QuantizationReport.Trial(recipe: four, heldBack: try heldBack(four))
      // More bytes for a greater loss are no bargain; a loss of decisions alone may be chance.
      if narrow.heldBack.loss < mixed.heldBack.loss,
        narrow.heldBack.sqnr ?? 0 >= mixed.heldBack.sqnr ?? 0
      {
        recipe = four
      }
      trials += recipe == four ? [mixed, narrow] : [narrow, mixed]
    }
    if settings.equalization == .auto {
      let best = try QuantizationSettings.Equalization.best(
        float, calibrating, settings, recipe)
      settings.equalization = best.equalization
      if best.equalization != .none {
        model = float.equalized(best.equalization)
        pass = try CalibrationPass(model, calibrating)
        folds = Folds(model, pass)
        trials.append(QuantizationReport.Trial(recipe: recipe, heldBack: best.heldBack))
      }
    }
    (self.model, self.pass, self.folds) = (model, pass, folds)
    (self.settings, self.recipe) = (settings, recipe)
    blindness = Blindness(pass, given: rows.rows)
    self.trials = blindness == nil ? trials : []
  }

  /// Of one recipe, without a choice of another.
  ///
  /// - Throws: ``QuantizationError``.
  init(
    _ float: FloatModel, _ rows: CalibrationRows, _ settings: QuantizationSettings,
    recipe: Recipe
  ) throws(QuantizationError) {
    let float = try float.pruned(as: settings, rows)
    model = float.equalized(settings.equalization)
    pass = try CalibrationPass(model, rows.filledUp(for: float))
    folds = Folds(model, pass)
    (self.settings, self.recipe, trials) = (settings, recipe, [])
    blindness = Blindness(pass, given: rows.rows)
  }

  /// What the recipe does on rows held back.
  ///
  /// - Throws: ``QuantizationError``.
  func heldBack() throws(QuantizationError) -> HeldBack {
    if let known = trials.last(where: { $0.recipe == recipe && !$0.isScreened }) {
      return known.heldBack
    }
    return try HeldBack(
      model, folds, settings, recipe, rounding: settings.rounding(toJudge: recipe))
  }
}

extension QuantizationSettings {
  /// Sixteen bits for all codes that are open: nothing tells that 8 would do.
  fileprivate var withoutMeasuring: Self {
    var settings = self
    if settings.inputWidth == .auto { settings.inputWidth = .sixteen }
    if settings.activations == .auto { settings.activations = .sixteen }
    return settings
  }

  /// How weights are rounded where a recipe is judged: 8-bit ones to nearest, which tells recipes apart
  /// as well and takes less time; 4-bit ones as they will be, because only that tells what they lose.
  func rounding(toJudge recipe: Recipe) -> Rounding {
    recipe.weights.contains(.four) ? rounding : .nearest
  }
}

extension FloatModel {
  /// Pruned where the settings say so.
  ///
  /// - Throws: ``QuantizationError``.
  func pruned(
    as settings: QuantizationSettings, _ rows: CalibrationRows
  ) throws(QuantizationError) -> FloatModel {
    settings.prunes ? try pruned(calibration: rows) : self
  }
}
