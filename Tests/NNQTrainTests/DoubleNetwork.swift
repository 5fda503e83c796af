// SPDX-License-Identifier: Apache-2.0
import Glibc
import NNQFormat
import NNQLinalg

@testable import NNQTrain

/// The network and the losses once more, in binary64 and one number at a time: the oracle.
struct DoubleNetwork {
  struct Layer {
    var weights: [[Double]]
    var bias: [Double]
    var activation: Activation
  }

  var layers: [Layer]

  init(_ network: Network) {
    layers = network.layers.map { layer in
      Layer(
        weights: (0..<layer.outputs).map { row in
          (0..<layer.inputs).map { Double(layer.weights[row, $0]) }
        }, bias: layer.bias.map { Double($0) }, activation: layer.activation)
    }
  }

  func outputs(_ x: [Double]) -> [Double] {
    var values = x
    for layer in layers {
      values = layer.weights.indices.map { row in
        var sum = layer.bias[row]
        for (weight, value) in zip(layer.weights[row], values) { sum += weight * value }
        switch layer.activation {
        case .identity: return sum
        case .relu: return max(sum, 0)
        case .tanh: return tanh(sum)
        case .sigmoid: return 1 / (1 + exp(-sum))
        case .leakyRelu, .relu6, .gelu, .geluTanh, .silu, .hardSwish: return .nan
        }
      }
    }
    return values
  }

  /// The mean loss over the rows.
  func loss(_ loss: Loss, inputs: Matrix, targets: Matrix) -> Double {
    var sum = 0.0
    for row in 0..<inputs.rows {
      let y = outputs((0..<inputs.columns).map { Double(inputs[row, $0]) })
      let t = (0..<targets.columns).map { Double(targets[row, $0]) }
      switch loss {
      case .squaredError:
        sum += zip(y, t).map { ($0 - $1) * ($0 - $1) }.reduce(0, +) / Double(y.count)
      case .binaryCrossEntropy(let negative, let positive):
        for column in y.indices {
          let p = 1 / (1 + exp(-y[column]))
          let weight = Double(t[column] > 0.5 ? positive[column] : negative[column])
          let entropy = -(t[column] * log(p) + (1 - t[column]) * log(1 - p))
          sum += weight * entropy / Double(y.count)
        }
      case .softmaxCrossEntropy(let weights):
        let powers = y.map { exp($0) }
        let target = Int(t[0])
        sum -= Double(weights[target]) * log(powers[target] / powers.reduce(0, +))
      }
    }
    return sum / Double(inputs.rows)
  }
}
