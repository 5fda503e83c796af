// SPDX-License-Identifier: Apache-2.0
import NNQFormat

extension Recipe {
  /// The layers before the last, ranked by what the output gains when a layer alone hands on 16 bits.
  ///
  /// - Throws: ``QuantizationError``.
  func layersByGainOfSixteenBits(
    _ model: FloatModel, _ pass: CalibrationPass, _ settings: QuantizationSettings
  ) throws(QuantizationError) -> [Int] {
    var ranked: [(layer: Int, noise: Double)] = []
    for layer in model.layers.indices.dropLast() {
      var wide = self
      wide.activations[layer] = .sixteen
      let candidate = try Candidate(
        model, pass, settings, wide, rounding: .nearest, measuresLayers: false)
      ranked.append((layer, candidate.noise))
    }
    ranked.sort { ($0.noise, $0.layer) < ($1.noise, $1.layer) }
    return ranked.map(\.layer)
  }

  /// The layers ranked by what 4-bit weights cost: the noise that each alone puts on the output, for
  /// each byte it spares.
  ///
  /// - Source: Dong et al. 2019, "HAWQ", with the noise measured instead of a Hessian.
  /// - Throws: ``QuantizationError``.
  func layersByCostOfFourBits(
    _ model: FloatModel, _ pass: CalibrationPass, _ settings: QuantizationSettings
  ) throws(QuantizationError) -> [Int] {
    var costs: [(layer: Int, cost: Double)] = []
    let base = try noise(model, pass, settings)
    for layer in model.layers.indices where model.layers[layer].operation.kind == .dense {
      var recipe = self
      recipe.weights[layer] = .four
      let added = max(try recipe.noise(model, pass, settings) - base, 0)
      costs.append((layer, added / Double(max(model.layers[layer].weights.count, 1))))
    }
    costs.sort { ($0.cost, $0.layer) < ($1.cost, $1.layer) }
    return costs.map(\.layer)
  }

  /// The recipe with as few layers of 4-bit weights as leave 65 % of the bytes, or with all.
  func mixed(_ model: FloatModel, _ ranked: [Int]) -> Recipe {
    let total = model.layers.reduce(0) { $0 + $1.weights.count }
    var recipe = self
    for layer in ranked {
      let spared = recipe.weights.indices.reduce(0) {
        $0 + (recipe.weights[$1] == .four ? model.layers[$1].weights.count / 2 : 0)
      }
      if Double(spared) >= 0.35 * Double(total) { break }
      recipe.weights[layer] = .four
    }
    return recipe
  }

  /// The noise of the output as a share of the signal, on the calibration rows.
  private func noise(
    _ model: FloatModel, _ pass: CalibrationPass, _ settings: QuantizationSettings
  ) throws(QuantizationError) -> Double {
    let candidate = try Candidate(model, pass, settings, self, rounding: settings.rounding)
    return candidate.noise
  }
}
