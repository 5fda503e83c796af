// SPDX-License-Identifier: Apache-2.0
import NNQFormat

/// What a ``Finding`` may tell to change.
enum Cure {
  case activations16
  case equalize
  case input16
  case inputScale
  case mixedWeights
  case output16
  case prune
  case weights8

  /// The same as an option of `nnq quantize`.
  var fix: Finding.Fix {
    switch self {
    case .activations16: .option("--activations", "16")
    case .equalize: .option("--equalize", "0.5")
    case .input16: .option("--input", "16")
    case .inputScale: .option("--input-scale", "feature")
    case .mixedWeights: .option("--weights", "mixed")
    case .output16: .option("--output", "16")
    case .prune: .prune
    case .weights8: .option("--weights", "8")
    }
  }

  /// The settings with the option changed.
  func applied(to settings: QuantizationSettings) -> QuantizationSettings {
    var settings = settings
    switch self {
    case .activations16: settings.activations = .sixteen
    case .equalize: settings.equalization = .half
    case .input16: settings.inputWidth = .sixteen
    case .inputScale: settings.inputScale = .feature
    case .mixedWeights: settings.weights = .mixed
    case .output16: settings.outputWidth = .sixteen
    case .prune: settings.prunes = true
    case .weights8: settings.weights = .eight
    }
    return settings
  }
}
