// SPDX-License-Identifier: Apache-2.0
internal import NNQFormat

extension Architecture {
  /// The network that the settings ask for.
  ///
  /// A hidden layer is a dense layer, then the normalization, then the activation, then dropout; a
  /// gated one is twice as wide before its gate. With residual connections the layer's input is
  /// added to what it gives wherever both have the same width.
  init(
    _ settings: TrainingSettings, inputs: Int, outputs: Int, task: ModelTask.Kind,
    outputLayer: LossFunction.OutputLayer
  ) {
    self.init(inputs: inputs)
    let activation = settings.activation ?? (task == .anomaly ? .tanh : .relu)
    for width in settings.hidden {
      let source = layers.count
      let incoming = self.outputs
      let function: Activation = settings.isGated ? .identity : activation
      let denseWidth = settings.isGated ? 2 * width : width
      switch settings.normalization {
      case .none: append(.dense, outputs: denseWidth, activation: function)
      case .batch:
        append(.dense, outputs: denseWidth)
        append(.batchNorm, activation: function)
      case .layer:
        append(.dense, outputs: denseWidth)
        append(.layerNorm, activation: function)
      }
      if settings.isGated { append(.gate, activation: .silu) }
      if settings.dropout > 0 { append(.dropout(rate: settings.dropout)) }
      if settings.isResidual, incoming == width { append(.add(source: source)) }
    }
    append(.dense, outputs: outputs)
    if settings.temperature != 1 { append(.temperature(settings.temperature)) }
    if outputLayer == .logSoftmax { append(.logSoftmax) }
  }
}
