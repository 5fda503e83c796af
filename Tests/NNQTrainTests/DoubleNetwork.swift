// SPDX-License-Identifier: Apache-2.0
import Glibc
import NNQFormat

/// A chain of dense layers in binary64 and one number at a time: the oracle.
struct DoubleNetwork {
  private let layers: [FloatModel.Layer]

  init(_ layers: [FloatModel.Layer]) { self.layers = layers }

  func outputs(_ x: [Double]) -> [Double] {
    var values = x
    for layer in layers {
      values = (0..<layer.outputs).map { row in
        var sum = Double(layer.bias[row])
        for column in 0..<layer.inputs {
          sum += Double(layer.weights[row * layer.inputs + column]) * values[column]
        }
        return Self.value(of: layer.activation, at: sum)
      }
    }
    return values
  }

  /// The functions by their definitions, from the C library.
  static func value(of function: Activation, at x: Double) -> Double {
    switch function {
    case .identity: x
    case .relu: max(x, 0)
    case .tanh: tanh(x)
    case .sigmoid: 1 / (1 + exp(-x))
    case .leakyRelu(let slope): x < 0 ? Double(slope) * x : x
    case .relu6: min(max(x, 0), 6)
    case .gelu: x / 2 * (1 + erf(x / 2.0.squareRoot()))
    case .geluTanh:
      x / 2 * (1 + tanh((2 / Double.pi).squareRoot() * (x + 0.044715 * x * x * x)))
    case .silu: x / (1 + exp(-x))
    case .hardSwish: x * min(max(x + 3, 0), 6) / 6
    }
  }
}
