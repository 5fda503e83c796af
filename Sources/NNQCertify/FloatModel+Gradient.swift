// SPDX-License-Identifier: Apache-2.0
import NNQFormat
import NNQReference

extension FloatModel {
  /// The slopes of a unit over the standardized readings, to send an attack somewhere; nil where a layer
  /// on the way is not dense.
  func gradient(at readings: [Float], of unit: Int, inLayer layer: Int) -> [Double]? {
    let inference = FloatInference(self)
    var tensors = [inference.standardized(readings[...])]
    var slopes: [[Double]] = []
    for index in 0...layer {
      guard case .dense = layers[index].operation else { return nil }
      let sums = inference.sums(of: index, tensors)
      slopes.append(
        sums.map { layers[index].activation.slopes(over: Interval(Double($0))).center })
      tensors.append(inference.values(of: index, for: sums))
    }
    var gradient = [Double](repeating: 0, count: layers[layer].outputs)
    gradient[unit] = 1
    for index in stride(from: layer, through: 0, by: -1) {
      let (inputs, weights) = (layers[index].inputs, layers[index].weights)
      var before = [Double](repeating: 0, count: inputs)
      for row in gradient.indices where gradient[row] != 0 {
        let slope = gradient[row] * slopes[index][row]
        for column in 0..<inputs {
          before[column] += slope * Double(weights[row * inputs + column])
        }
      }
      gradient = before
    }
    return gradient
  }
}
