// SPDX-License-Identifier: Apache-2.0
internal import NNQFormat
internal import NNQLinalg

/// A multilayer perceptron while it is trained.
struct Network: Equatable, Sendable {
  /// Not empty; each takes what the one before hands on.
  var layers: [DenseLayer]

  /// The outputs of every layer for `x`, in order; the last one is the network's output.
  ///
  /// - Parameter outputs: one matrix a layer, from ``makeOutputs(rows:)``; they are overwritten.
  func forward(_ x: Matrix, into outputs: inout [Matrix]) {
    for (index, layer) in layers.enumerated() {
      let input = index == 0 ? x : outputs[index - 1]
      layer.apply(input, into: &outputs[index])
    }
  }

  /// Room for the outputs of every layer for a batch of `rows`.
  func makeOutputs(rows: Int) -> [Matrix] {
    layers.map { Matrix(rows: rows, columns: $0.outputs) }
  }

  /// The network's outputs `[x.rows][outputs]`, computed in pieces of a fixed size.
  func predict(_ x: Matrix, rowsAtOnce: Int = 512) -> Matrix {
    var result = [Float]()
    var batch = Matrix(rows: 0, columns: x.columns)
    var outputs = makeOutputs(rows: 0)
    let order = Array(0..<x.rows)
    for start in stride(from: 0, to: x.rows, by: rowsAtOnce) {
      batch.gather(order[start..<min(start + rowsAtOnce, x.rows)], of: x)
      forward(batch, into: &outputs)
      result += outputs[layers.count - 1].elements
    }
    return Matrix(rows: x.rows, columns: layers[layers.count - 1].outputs, elements: result)
  }

  /// Whether every weight and bias is a finite number.
  var isFinite: Bool {
    layers.allSatisfy {
      $0.weights.elements.allSatisfy(\.isFinite) && $0.bias.allSatisfy(\.isFinite)
    }
  }
}
