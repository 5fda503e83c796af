// SPDX-License-Identifier: Apache-2.0
import NNQFormat

/// The cheapest recipe that keeps decisions and values on calibration rows that were held back. It is
/// made with 8-bit weights: what codes a tensor needs does not follow from the weights' bits.
struct RecipeChoice {
  private let model: FloatModel
  private let folds: Folds
  /// Those asked for, with the rule of ranges that was taken.
  let settings: QuantizationSettings
  /// Cheapest first.
  private(set) var trials: [QuantizationReport.Trial] = []
  private(set) var recipe: Recipe
  /// Recipes on the first part of the folds alone.
  private var screenings: [Screening] = []

  private struct Screening {
    let recipe: Recipe
    let rows: HeldBackRows
    let heldBack: HeldBack

    var sqnr: Double { heldBack.sqnr ?? .infinity }
  }

  /// How far behind the best, in decibels, a recipe may be on the first part and still be tried on all.
  private static let screen = 3.0

  /// What a rule of ranges has to gain over the margin, in decibels.
  private static let gainOfRanges = 1.0

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
      if open.count > 1 { try take(try screened(open, width)) }
    } else {
      try chooseWidth(schemes)
    }
    if settings.activations == .auto, model.layers.count > 1 { try widen() }
    listTrials()
  }

  /// The choice with the rule of ranges that is best on rows held back, where the settings leave it open
  /// and no tensor has 16 bits.
  ///
  /// - Throws: ``QuantizationError``.
  static func best(
    _ model: FloatModel, _ folds: Folds, _ settings: QuantizationSettings
  ) throws(QuantizationError) -> RecipeChoice {
    guard settings.ranges == .auto, settings.margin == nil, settings.inputWidth == .eight,
      settings.activations == .eight,
      settings.outputWidth == .eight
    else { return try RecipeChoice(model, folds, settings) }
    var best: (choice: RecipeChoice, sqnr: Double)?
    for ranges in [QuantizationSettings.Ranges.margin, .minmax, .percentile] {
      var settings = settings
      settings.ranges = ranges
      var choice = try RecipeChoice(model, folds, settings)
      let sqnr = try choice.sqnr(choice.recipe)
      // The margin comes first, and a little more on these rows is not worth its room for others.
      if sqnr > best.map({ $0.sqnr + Self.gainOfRanges }) ?? -.infinity { best = (choice, sqnr) }
    }
    if let best { return best.choice }
    return try RecipeChoice(model, folds, settings)
  }

  /// Puts what was tried in its order, what was screened out with it.
  private mutating func listTrials() {
    for screening in screenings where !trials.contains(where: { $0.recipe == screening.recipe }) {
      trials.append(
        QuantizationReport.Trial(
          recipe: screening.recipe, heldBack: screening.heldBack, isScreened: true))
    }
    trials = trials.enumerated().sorted {
      (Self.cost($0.element), $0.offset) < (Self.cost($1.element), $1.offset)
    }.map(\.element)
  }

  /// More for 16-bit codes in more places.
  private static func cost(_ trial: QuantizationReport.Trial) -> Int {
    trial.recipe.wideLayers.count + (trial.recipe.inputWidth == .sixteen ? 1 : 0)
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

  // MARK: - The input

  /// Takes 8 bits where they keep decisions and values, else 16 where they gain.
  private mutating func chooseWidth(
    _ schemes: (
      narrow: [QuantizationSettings.InputScale], wide: [QuantizationSettings.InputScale]
    )
  ) throws(QuantizationError) {
    guard settings.activations != .sixteen else {
      return try take(try screened(schemes.wide, .sixteen))
    }
    let narrow = try screened(schemes.narrow, .eight)
    if narrow.contains(where: { $0.heldBack.canBeKept(onRows: folds.parts.count) }) {
      try take(narrow)
      if try heldBack(recipe).isKept { return }
    }
    let wide = try screened(schemes.wide, .sixteen)
    let isNear = narrow[0].sqnr >= wide[0].sqnr - Self.screen
    try take(wide)
    if isNear, try sqnr(narrow[0].recipe) >= sqnr(recipe) { recipe = narrow[0].recipe }
  }

  /// The recipes with each scale that come close to the best on the first part, best first.
  private mutating func screened(
    _ schemes: [QuantizationSettings.InputScale], _ width: CodeWidth
  ) throws(QuantizationError) -> [Screening] {
    let recipes = schemes.map { scheme in
      var recipe = recipe
      (recipe.inputScale, recipe.inputWidth) = (scheme, width)
      return recipe
    }
    let first = folds.parts[0]
    let rows = try HeldBackRows.each(
      model, recipes.map { (first, $0) }, settings, rounding: .nearest)
    let found = zip(recipes, rows).map {
      Screening(recipe: $0, rows: $1, heldBack: HeldBack(model, $1))
    }
    screenings += found
    let best = found.map(\.sqnr).max() ?? 0
    return found.enumerated().filter { $0.element.sqnr >= best - Self.screen }
      // The first of equals stays.
      .sorted { ($1.element.sqnr, $0.offset) < ($0.element.sqnr, $1.offset) }.map(\.element)
  }

  /// Takes the recipe that is best on all parts.
  private mutating func take(_ found: [Screening]) throws(QuantizationError) {
    var best: (recipe: Recipe, sqnr: Double)?
    for screening in found {
      let sqnr = try sqnr(screening.recipe)
      if sqnr > best?.sqnr ?? -.infinity { best = (screening.recipe, sqnr) }
    }
    if let best { recipe = best.recipe }
  }

  // MARK: - The layers

  /// Gives layers 16-bit codes, those that the output suffers most from first, until decisions and
  /// values are kept; all layers where that does not keep them either.
  private mutating func widen() throws(QuantizationError) {
    if try heldBack(recipe).isKept { return }
    let layers = Array(model.layers.indices.dropLast())
    let all = widened(layers, layers.count)
    guard layers.count > 1, try heldBack(all).isKept else {
      _ = try heldBack(all)
      recipe = all
      return
    }
    let ranked = try recipe.layersByGainOfSixteenBits(model, folds.rows, settings)
    // The fewest of the ranking that keep them.
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
    recipe = widened(ranked, many)
  }

  private func widened(_ ranked: [Int], _ count: Int) -> Recipe {
    var recipe = recipe
    for layer in ranked.prefix(count) { recipe.activations[layer] = .sixteen }
    return recipe
  }

  // MARK: - Measuring

  private mutating func sqnr(_ recipe: Recipe) throws(QuantizationError) -> Double {
    try heldBack(recipe).sqnr ?? .infinity
  }

  /// What a recipe does on rows held back, measured once.
  private mutating func heldBack(_ recipe: Recipe) throws(QuantizationError) -> HeldBack {
    if let known = trials.first(where: { $0.recipe == recipe }) { return known.heldBack }
    let first = screenings.first { $0.recipe == recipe }?.rows
    // Weights rounded to nearest tell recipes apart as well as fitted ones, in less time.
    let rest = try HeldBackRows.each(
      model, folds.parts.dropFirst(first == nil ? 0 : 1).map { ($0, recipe) }, settings,
      rounding: .nearest)
    let measured = HeldBack(model, HeldBackRows((first.map { [$0] } ?? []) + rest))
    trials.append(QuantizationReport.Trial(recipe: recipe, heldBack: measured))
    return measured
  }
}
