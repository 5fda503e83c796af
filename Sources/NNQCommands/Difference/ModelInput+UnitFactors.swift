// SPDX-License-Identifier: Apache-2.0
import NNQFormat
import NNQQuantize

extension ModelInput {
  /// How the model's hidden units were equalized when it was quantized.
  private var equalization: QuantizationSettings.Equalization {
    guard case .int8(let model) = model,
      let line = model.provenance[QuantizationRecord.key],
      let record = QuantizationRecord(line, layers: model.image.layers.count)
    else { return .none }
    return record.settings.equalization
  }

  /// `[layers][outputs]`, what to multiply this model's units by to compare them with another's: the
  /// factors of equalization, found again from the float model on the other side.
  ///
  /// Nil where the layers cannot be compared because no side has the weights that the factors follow from.
  func unitFactors(against other: ModelInput) -> [[Float]?]? {
    if equalization == other.equalization { return [] }
    switch (model, other.model) {
    case (.int8, .float(let float)): return float.unitFactors(equalization)
    case (.float, _): return []
    default: return nil
    }
  }
}
