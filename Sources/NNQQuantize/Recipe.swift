// SPDX-License-Identifier: Apache-2.0
public import NNQFormat

/// The bits of one quantized model, and how its input is scaled.
public struct Recipe: Hashable, Sendable {
  /// Not auto.
  public var inputScale: QuantizationSettings.InputScale
  public var inputWidth: CodeWidth
  /// `[layers]`, the bits of the codes that each hands on; the last are the output's.
  public var activations: [CodeWidth]
  /// `[layers]`; of a layer without weights it means nothing.
  public var weights: [WeightWidth]

  public init(
    inputScale: QuantizationSettings.InputScale, inputWidth: CodeWidth, activations: [CodeWidth],
    weights: [WeightWidth]
  ) {
    self.inputScale = inputScale
    self.inputWidth = inputWidth
    self.activations = activations
    self.weights = weights
  }

  /// The same bits between all layers and for all weights.
  init(
    _ model: FloatModel, inputScale: QuantizationSettings.InputScale, inputWidth: CodeWidth,
    hidden: CodeWidth, output: CodeWidth, weights: WeightWidth
  ) {
    let count = model.layers.count
    self.init(
      inputScale: inputScale, inputWidth: inputWidth,
      activations: Array(repeating: hidden, count: max(count - 1, 0)) + [output],
      weights: Array(repeating: weights, count: count))
  }

  /// The layers before the last that hand on 16-bit codes.
  public var wideLayers: [Int] {
    activations.dropLast().indices.filter { activations[$0] == .sixteen }
  }

  public var outputWidth: CodeWidth { activations.last ?? .sixteen }
}
