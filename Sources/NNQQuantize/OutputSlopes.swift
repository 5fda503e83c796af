// SPDX-License-Identifier: Apache-2.0
import NNQFormat
import NNQReference

/// How the network's outputs follow the sums of one layer on the calibration rows, in the float network.
struct OutputSlopes: Sendable {
  let outputs: Int
  let units: Int
  /// `[rows][outputs][units]`
  let values: [Double]

  /// A few hundred rows of a few hundred units and a dozen outputs.
  private static let mostValues = 1 << 22

  /// Nil where a later layer is not dense, or for more than ``mostValues``.
  init?(_ model: FloatModel, _ pass: CalibrationPass, ofLayer index: Int) {
    let later = model.layers[(index + 1)...]
    units = model.layers[index].outputs
    outputs = model.outputs
    let widest = model.layers[index...].map(\.outputs).max() ?? units
    guard !later.contains(where: { $0.operation.kind != .dense }),
      model.layers[index].operation.kind == .dense,
      pass.rows <= Self.mostValues / max(outputs * widest, 1)
    else { return nil }
    var values: [Double] = []
    for row in 0..<pass.rows {
      // `[outputs][units]` of the layer that the loop has come to, from the last one back.
      var slopes: [Double] = []
      for output in 0..<outputs {
        for unit in 0..<outputs { slopes.append(unit == output ? 1 : 0) }
      }
      var width = outputs
      for place in model.layers.indices[index...].reversed() {
        let layer = model.layers[place]
        if place < model.layers.count - 1 {
          slopes = Self.back(slopes, rows: outputs, through: model.layers[place + 1])
          width = layer.outputs
        }
        let start = row * width
        let steepness = (0..<width).map {
          layer.activation.slope(Double(pass.sums[place].values[start + $0]))
        }
        for at in slopes.indices { slopes[at] *= steepness[at % width] }
      }
      values += slopes
    }
    self.values = values
  }

  /// The product of slopes by a layer's weights.
  private static func back(
    _ slopes: [Double], rows: Int, through layer: FloatModel.Layer
  ) -> [Double] {
    let weights = layer.weights
    var product = [Double](repeating: 0, count: rows * layer.inputs)
    for row in 0..<rows {
      for unit in 0..<layer.outputs {
        let slope = slopes[row * layer.outputs + unit]
        guard slope != 0 else { continue }
        for input in 0..<layer.inputs {
          product[row * layer.inputs + input] +=
            slope * Double(weights[unit * layer.inputs + input])
        }
      }
    }
    return product
  }
}

extension Activation {
  /// The derivative, by central difference.
  fileprivate func slope(_ x: Double) -> Double {
    let step = 1e-4 * max(abs(x), 1e-3)
    return (self(x + step) - self(x - step)) / (2 * step)
  }
}
