// SPDX-License-Identifier: Apache-2.0
import NNQFormat

extension QuantizationSettings {
  /// How a model was quantized, in one line of its provenance: with the same float model and rows it
  /// gives the same bytes again.
  func record(_ recipe: Recipe, rows: Int) -> String {
    let wide = recipe.wideLayers.map(String.init).joined(separator: "+")
    let four = recipe.weights.indices.filter { recipe.weights[$0] == .four }
      .map(String.init).joined(separator: "+")
    return "input=\(recipe.inputWidth.rawValue) input-scale=\(recipe.inputScale.rawValue) "
      + "wide=\(wide.isEmpty ? "none" : wide) four=\(four.isEmpty ? "none" : four) "
      + "output=\(recipe.outputWidth.rawValue) rounding=\(rounding.rawValue) "
      + "calibration=\(ranges.rawValue) rows=\(rows)"
  }
}
