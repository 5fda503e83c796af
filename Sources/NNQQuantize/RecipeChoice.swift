// SPDX-License-Identifier: Apache-2.0
import NNQFormat

/// The cheapest recipe that keeps decisions and values on calibration rows that were held back. It is
/// made with 8-bit weights: what codes a tensor needs does not follow from the weights' bits.
struct RecipeChoice {
  private let model: FloatModel
  private let folds: Folds
  private let settings: QuantizationSettings
  /// In the order in which they were tried, cheapest first.
  private(set) var trials: [QuantizationReport.Trial] = []
  private(set) var recipe: Recipe

  /// Nothing is measured where the settings leave only one recipe.
  ///
  /// - Throws: ``QuantizationError``.
  init(
    _ model: FloatModel, _ folds: Folds, _ settings: QuantizationSettings
  ) throws(QuantizationError) {
    self.model = model
    self.folds = folds
    self.settings = settings
    let schemes = Self.schemes(model, settings)
    recipe = Recipe(
      model, inputScale: schemes.wide[0], inputWidth: settings.inputWidth.fixed ?? .sixteen,
      hidden: settings.activations.fixed ?? .eight, output: settings.outputWidth,
      weights: .eight)
    if let width = settings.inputWidth.fixed {
      let open = width == .eight ? schemes.narrow : schemes.wide
      recipe.inputScale = open[0]
      if open.count > 1 { _ = try chooseScale(open) }
    } else {
      var narrow: Recipe?
      if settings.activations != .sixteen {
        recipe.inputWidth = .eight
        if try chooseScale(schemes.narrow) { return }
        narrow = recipe
      }
      recipe.inputWidth = .sixteen
      _ = try chooseScale(schemes.wide)
      // Sixteen bits are taken where they gain.
      if let narrow, try sqnr(narrow) >= sqnr(recipe) { recipe = narrow }
    }
    if settings.activations == .auto, model.layers.count > 1 { try widen() }
    if trials.count == 1, settings.inputWidth.fixed != nil, settings.activations.fixed != nil {
      trials = []
    }
  }

  /// The input scales to try at 8 and at 16 bits. Sixteen bits have room for one scale, unless the
  /// features differ by more than that.
  private static func schemes(
    _ model: FloatModel, _ settings: QuantizationSettings
  ) -> (narrow: [QuantizationSettings.InputScale], wide: [QuantizationSettings.InputScale]) {
    if model.sharesInputScale { return ([.tensor], [.tensor]) }
    if settings.inputScale != .auto { return ([settings.inputScale], [settings.inputScale]) }
    return ([.tensor, .blend, .feature], [.tensor, .feature])
  }

  /// Takes the scale that is best on rows held back; true when that keeps decisions and values.
  private mutating func chooseScale(
    _ schemes: [QuantizationSettings.InputScale]
  ) throws(QuantizationError) -> Bool {
    var best: QuantizationReport.Trial?
    for scheme in schemes {
      recipe.inputScale = scheme
      let trial = try measured(recipe)
      // The first of equals stays.
      if best.map({ ($0.heldBack.sqnr ?? .infinity) < trial.heldBack.sqnr ?? .infinity }) ?? true {
        best = trial
      }
    }
    guard let best else { return false }
    recipe = best.recipe
    return best.heldBack.isKept && best.heldBack.coversInput
  }

  /// Gives layers 16-bit codes, those that the output suffers most from first, until decisions and
  /// values are kept.
  private mutating func widen() throws(QuantizationError) {
    if try heldBack(recipe).isKept { return }
    let ranked = try recipe.layersByGainOfSixteenBits(model, folds.rows, settings)
    // The fewest of the ranking that keep them; all where none does.
    var few = 1
    var many = ranked.count
    while few < many {
      let middle = (few + many) / 2
      if try heldBack(widened(ranked, middle)).isKept {
        many = middle
      } else {
        few = middle + 1
      }
    }
    let final = widened(ranked, many)
    _ = try heldBack(final)
    recipe = final
  }

  private func widened(_ ranked: [Int], _ count: Int) -> Recipe {
    var recipe = recipe
    for layer in ranked.prefix(count) { recipe.activations[layer] = .sixteen }
    return recipe
  }

  private mutating func sqnr(_ recipe: Recipe) throws(QuantizationError) -> Double {
    try heldBack(recipe).sqnr ?? .infinity
  }

  /// What a recipe does on rows held back, measured once.
  private mutating func heldBack(_ recipe: Recipe) throws(QuantizationError) -> HeldBack {
    if let known = trials.first(where: { $0.recipe == recipe }) { return known.heldBack }
    return try measured(recipe).heldBack
  }

  private mutating func measured(_ recipe: Recipe) throws(QuantizationError)
    -> QuantizationReport.Trial
  {
    // Weights rounded to nearest tell recipes apart as well as fitted ones, in less time.
    let trial = QuantizationReport.Trial(
      recipe: recipe,
      heldBack: try HeldBack(model, folds, settings, recipe, rounding: .nearest))
    trials.append(trial)
    return trial
  }
}
