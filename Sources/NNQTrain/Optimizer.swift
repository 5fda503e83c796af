// SPDX-License-Identifier: Apache-2.0
internal import Glibc
internal import NNQLinalg

/// AdamW: Adam with weight decay that is decoupled from the gradient.
///
/// - Source: Kingma and Ba 2015; Loshchilov and Hutter 2019.
struct Optimizer: Sendable {
  static let firstDecay: Float = 0.9
  static let secondDecay: Float = 0.999
  static let epsilon: Float = 1e-8

  private let weightDecay: Double
  private var steps = 0
  /// The running mean of the gradient: the weights and the bias of each layer, in turn.
  private var means: [[Float]]
  /// The running mean of its square, likewise.
  private var squares: [[Float]]

  init(for network: Network, weightDecay: Double) {
    self.weightDecay = weightDecay
    means = network.layers.flatMap { layer in
      [layer.weights.elements, layer.bias].map { Array(repeating: 0, count: $0.count) }
    }
    squares = means
  }

  /// Moves the network one step against the gradient; weights decay, biases do not.
  mutating func step(_ network: inout Network, gradient: Backpropagation, learningRate: Double) {
    steps += 1
    let decay = Float(learningRate * weightDecay)
    for index in network.layers.indices {
      update(
        &network.layers[index].weights.elements, gradient.weights[index].elements,
        &means[2 * index], &squares[2 * index], learningRate, decay)
      update(
        &network.layers[index].bias, gradient.biases[index],
        &means[2 * index + 1], &squares[2 * index + 1], learningRate, 0)
    }
  }

  private func update(
    _ parameters: inout [Float], _ gradient: [Float], _ mean: inout [Float],
    _ square: inout [Float], _ learningRate: Double, _ decay: Float
  ) {
    precondition(parameters.count == gradient.count)
    precondition(gradient.count == mean.count && mean.count == square.count)
    // The means start at 0; dividing by these undoes the pull.
    let firstCorrection = 1 - pow(Double(Self.firstDecay), Double(steps))
    let secondCorrection = 1 - pow(Double(Self.secondDecay), Double(steps))
    let rate = Float(learningRate / firstCorrection)
    let inverse = Float(1 / secondCorrection)
    let g = gradient.span
    var p = parameters.mutableSpan
    var m = mean.mutableSpan
    var v = square.mutableSpan
    for index in 0..<g.count {
      m[index] += (1 - Self.firstDecay) * (g[index] - m[index])
      v[index] += (1 - Self.secondDecay) * (g[index] * g[index] - v[index])
      let size = (v[index] * inverse).squareRoot() + Self.epsilon
      p[index] -= decay * p[index] + rate * m[index] / size
    }
  }
}
