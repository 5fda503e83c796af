// SPDX-License-Identifier: Apache-2.0
internal import NNQData
internal import NNQFormat
internal import NNQLinalg

extension Network {
  /// A network with random weights and zero biases.
  ///
  /// Weights are uniform within `sqrt(6 / inputs)` where the layer's activation is relu (He et al.
  /// 2015) and within `sqrt(6 / (inputs + outputs))` elsewhere (Glorot and Bengio 2010): both keep
  /// the size of the signal from layer to layer.
  ///
  /// - Parameters:
  ///   - widths: the inputs, then the outputs of each layer.
  ///   - activations: one a layer.
  init(
    widths: [Int], activations: [Activation], using random: inout RandomSource
  ) {
    precondition(widths.count == activations.count + 1)
    layers = []
    for (index, activation) in activations.enumerated() {
      let inputs = widths[index]
      let outputs = widths[index + 1]
      let fan = activation == .relu ? inputs : inputs + outputs
      let bound = (6 / Double(fan)).squareRoot()
      let weights = (0..<inputs * outputs).map { _ in Float(random.uniform(in: -bound...bound)) }
      layers.append(
        DenseLayer(
          weights: Matrix(rows: outputs, columns: inputs, elements: weights),
          bias: Array(repeating: 0, count: outputs), activation: activation))
    }
  }

  /// Cuts off inputs: their weights become 0.
  ///
  /// An input that is 0 in every training row never moves its weights, so that the random ones
  /// would answer the first reading that differs.
  mutating func disconnect(inputs: [Int]) {
    for row in 0..<layers[0].outputs {
      for input in inputs { layers[0].weights[row, input] = 0 }
    }
  }
}
