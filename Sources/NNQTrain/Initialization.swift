// SPDX-License-Identifier: Apache-2.0
internal import NNQData
internal import NNQFormat
internal import NNQLinalg

extension Network {
  /// A network with random weights and zero biases.
  ///
  /// Weights are uniform within `sqrt(6 / inputs)` where a function of the relu kind follows (He et
  /// al. 2015) and within `sqrt(6 / (inputs + outputs))` elsewhere (Glorot and Bengio 2010): both
  /// keep the size of the signal from layer to layer.
  init(_ architecture: Architecture, using random: inout RandomSource) {
    self.init(architecture)
    for (index, layer) in layers.enumerated() where layer.operation == .dense {
      let fan = isRectified(after: index) ? layer.inputs : layer.inputs + layer.outputs
      let bound = (6 / Double(fan)).squareRoot()
      let weights = weights(of: layer).values
      for place in 0..<weights.count {
        weights[place] = Scalar(Float(random.uniform(in: -bound...bound)))
      }
    }
  }

  /// Whether about half of the values of a dense layer are cut off or damped by what follows it.
  private func isRectified(after index: Int) -> Bool {
    var layer = layers[index]
    if layer.activation == .identity, index + 1 < layers.count {
      switch layers[index + 1].operation {
      case .batchNorm, .layerNorm: layer = layers[index + 1]
      default: break
      }
    }
    switch layer.activation {
    case .identity, .tanh, .sigmoid: return false
    case .relu, .leakyRelu, .relu6, .gelu, .geluTanh, .silu, .hardSwish: return true
    }
  }

  /// Cuts off inputs: their weights become 0.
  ///
  /// An input that is 0 in every training row never moves its weights, so that the random ones
  /// would answer the first reading that differs.
  func disconnect(inputs: [Int]) {
    let first = layers[0]
    let weights = weights(of: first).values
    for row in 0..<first.outputs {
      for input in inputs { weights[row * first.inputs + input] = 0 }
    }
  }
}
