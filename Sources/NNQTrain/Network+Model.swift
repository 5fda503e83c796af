// SPDX-License-Identifier: Apache-2.0
internal import NNQFormat
internal import NNQLinalg

extension Network<Float> {
  /// The layers of a model that computes what the network computes in use.
  ///
  /// A batch norm and a temperature are folded into the dense layer before them; dropout and a last logarithm of the
  /// softmax, which changes no decision, are left out.
  var modelLayers: [FloatModel.Layer] {
    var result = [FloatModel.Layer]()
    // The model's tensor for each of the network's.
    var tensors = [0]
    for layer in layers {
      switch layer.operation {
      case .dense:
        result.append(
          FloatModel.Layer(
            inputs: layer.inputs, outputs: layer.outputs,
            weights: weights(of: layer).values.elements,
            bias: bias(of: layer).elements, activation: layer.activation))
      case .batchNorm: fold(layer, into: &result[result.count - 1])
      case .layerNorm:
        let gains = gains(of: layer)
        result.append(
          FloatModel.Layer(
            inputs: layer.inputs, outputs: layer.outputs,
            operation: .layerNorm(
              gamma: gains.gamma.elements, beta: gains.beta.elements,
              epsilon: Float(Self.epsilon)), activation: layer.activation))
      case .gate:
        result.append(
          FloatModel.Layer(
            inputs: layer.inputs, outputs: layer.outputs, operation: .gate,
            activation: layer.activation))
      case .add(let source):
        result.append(
          FloatModel.Layer(
            inputs: layer.inputs, outputs: layer.outputs, operation: .add(source: tensors[source]),
            activation: layer.activation))
      case .temperature(let temperature):
        let last = result.count - 1
        result[last].weights = result[last].weights.map { Float(Double($0) / temperature) }
        result[last].bias = result[last].bias.map { Float(Double($0) / temperature) }
      case .dropout, .logSoftmax: break
      }
      tensors.append(result.count)
    }
    return result
  }

  /// Multiplies a batch norm into the dense layer whose sums it takes, in binary64.
  private func fold(_ layer: LayerPlan, into dense: inout FloatModel.Layer) {
    precondition(dense.activation == .identity && dense.outputs == layer.inputs)
    let gains = gains(of: layer)
    let running = statistics[layer.statistics]
    var weights = dense.weights
    var bias = dense.bias
    for output in 0..<layer.outputs {
      let variance = Double(running[layer.outputs + output])
      let factor = Double(gains.gamma[output]) / (variance + Self.epsilon).squareRoot()
      for place in (output * dense.inputs)..<((output + 1) * dense.inputs) {
        weights[place] = Float(Double(weights[place]) * factor)
      }
      bias[output] = Float(
        (Double(bias[output]) - Double(running[output])) * factor + Double(gains.beta[output]))
    }
    dense.weights = weights
    dense.bias = bias
    dense.activation = layer.activation
  }
}
