// SPDX-License-Identifier: Apache-2.0
import NNQFormat

extension Recipe {
  /// The layers before the last, ranked by what the output gains when a layer alone hands on 16 bits.
  ///
  /// - Throws: ``QuantizationError``.
  func layersByGainOfSixteenBits(
    _ model: FloatModel, _ pass: CalibrationPass, _ settings: QuantizationSettings
  ) throws(QuantizationError) -> [Int] {
    let layers = Array(model.layers.indices.dropLast())
    let wide = layers.map { layer in
      var recipe = self
      recipe.activations[layer] = .sixteen
      return recipe
    }
    let noises = try noises(of: wide, model, pass, settings, .nearest).noises
    return zip(layers, noises).sorted { ($0.1, $0.0) < ($1.1, $1.0) }.map(\.0)
  }

  /// The layers ranked by what 4-bit weights cost: the noise that each alone puts on the output, for
  /// each byte it spares.
  ///
  /// - Source: Dong et al. 2019, "HAWQ", with the noise measured instead of a Hessian.
  /// - Throws: ``QuantizationError``.
  func layersByCostOfFourBits(
    _ model: FloatModel, _ pass: CalibrationPass, _ settings: QuantizationSettings
  ) throws(QuantizationError) -> [Int] {
    let layers = model.layers.indices.filter { model.layers[$0].operation.kind == .dense }
    let narrow = layers.map { layer in
      var recipe = self
      recipe.weights[layer] = .four
      return recipe
    }
    let (base, noises) = try noises(of: narrow, model, pass, settings, settings.rounding)
    let costs = zip(layers, noises).map { layer, noise in
      (layer, max(noise - base, 0) / Double(max(model.layers[layer].weights.count, 1)))
    }
    return costs.sorted { ($0.1, $0.0) < ($1.1, $1.0) }.map(\.0)
  }

  /// The recipe with 4-bit weights in layers that leave 65 % of the bytes, or in all: the first of a
  /// ranking, without those that are not needed, the last of it first.
  func mixed(_ model: FloatModel, _ ranked: [Int]) -> Recipe {
    let sizes = model.layers.map { $0.weights.count / 2 }
    let wanted = 0.35 * Double(model.layers.reduce(0) { $0 + $1.weights.count })
    var recipe = self
    var spared = 0
    for layer in ranked where Double(spared) < wanted {
      recipe.weights[layer] = .four
      spared += sizes[layer]
    }
    for layer in ranked.reversed()
    where recipe.weights[layer] == .four && Double(spared - sizes[layer]) >= wanted {
      recipe.weights[layer] = .eight
      spared -= sizes[layer]
    }
    return recipe
  }

  /// The noise of the output as a share of the signal, on the calibration rows: of this recipe and of
  /// others that differ in one layer.
  private func noises(
    of others: [Recipe], _ model: FloatModel, _ pass: CalibrationPass,
    _ settings: QuantizationSettings, _ rounding: QuantizationSettings.Rounding
  ) throws(QuantizationError) -> (base: Double, noises: [Double]) {
    let base = try Candidate(
      model, pass, settings, self, rounding: rounding, measures: .output)
    let single = settings.onOneThread
    let candidates = concurrentMap(others.count, threads: settings.threads) { index in
      Result { () throws(QuantizationError) in
        try Candidate(
          model, pass, single, others[index], rounding: rounding, measures: .output, like: base
        ).noise
      }
    }
    var noises: [Double] = []
    for candidate in candidates { noises.append(try candidate.get()) }
    return (base.noise, noises)
  }
}
