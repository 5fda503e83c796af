// SPDX-License-Identifier: Apache-2.0
internal import NNQFormat
internal import NNQLinalg

/// The gradient of the loss and the room that its computation needs.
struct Backpropagation: Sendable {
  /// The gradient of each layer's weights, `[outputs][inputs]`.
  private(set) var weights: [Matrix]
  /// The gradient of each layer's bias.
  private(set) var biases: [[Float]]
  /// The outputs of each layer for the batch.
  private(set) var outputs: [Matrix]
  /// The gradient of each layer's weighted sums, `[rows][outputs]`.
  private var slopes: [Matrix]

  init(for network: Network) {
    weights = network.layers.map { Matrix(rows: $0.outputs, columns: $0.inputs) }
    biases = network.layers.map { Array(repeating: 0, count: $0.outputs) }
    outputs = network.makeOutputs(rows: 0)
    slopes = network.makeOutputs(rows: 0)
  }

  /// Runs the batch forward and back: ``weights`` and ``biases`` become the gradient.
  ///
  /// - Returns: the loss, a mean over the rows.
  mutating func run(_ network: Network, inputs: Matrix, targets: Matrix, loss: Loss) -> Double {
    network.forward(inputs, into: &outputs)
    let last = network.layers.count - 1
    slopes[last].resize(rows: inputs.rows)
    let value = loss.evaluate(outputs[last], targets: targets, gradient: &slopes[last])
    for index in stride(from: last, through: 0, by: -1) {
      let layer = network.layers[index]
      layer.activation.multiplyByDerivative(&slopes[index], outputs: outputs[index])
      let input = index == 0 ? inputs : outputs[index - 1]
      weights[index].setProduct(transposed: slopes[index], input)
      slopes[index].sumColumns(into: &biases[index])
      if index > 0 {
        slopes[index - 1].resize(rows: inputs.rows)
        slopes[index - 1].setProduct(slopes[index], layer.weights)
      }
    }
    return value
  }
}
