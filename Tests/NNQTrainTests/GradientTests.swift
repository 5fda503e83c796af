// SPDX-License-Identifier: Apache-2.0
import NNQData
import NNQFormat
import NNQLinalg
import Testing

@testable import NNQTrain

@Suite("Gradients")
struct GradientTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var activation: Activation
    var loss: Loss
    var testDescription: String { "\(activation.name), \(loss)" }
  }

  static let cases: [Case] = Activation.trained.flatMap { activation in
    [
      Case(activation: activation, loss: .squaredError),
      Case(
        activation: activation,
        loss: .binaryCrossEntropy(negative: [1, 0.5, 2], positive: [3, 1, 0.25])),
      Case(activation: activation, loss: .softmaxCrossEntropy(weights: [1, 0.5, 2])),
    ]
  }

  @Test("the gradient is the finite difference of the loss in binary64", arguments: cases)
  func gradient(of tested: Case) {
    var random = RandomSource(seed: 7)
    let network = Network(
      widths: [4, 5, 6, 3], activations: [tested.activation, tested.activation, .identity],
      using: &random)
    let rows = 9
    let inputs = Matrix(
      rows: rows, columns: 4, elements: (0..<rows * 4).map { _ in Float(random.normal()) })
    let targets: Matrix
    switch tested.loss {
    case .squaredError:
      targets = Matrix(
        rows: rows, columns: 3, elements: (0..<rows * 3).map { _ in Float(random.normal()) })
    case .binaryCrossEntropy:
      targets = Matrix(
        rows: rows, columns: 3, elements: (0..<rows * 3).map { _ in Float(random.below(2)) })
    case .softmaxCrossEntropy:
      targets = Matrix(
        rows: rows, columns: 1, elements: (0..<rows).map { _ in Float(random.below(3)) })
    }

    var back = Backpropagation(for: network)
    let value = back.run(network, inputs: inputs, targets: targets, loss: tested.loss)
    let oracle = DoubleNetwork(network)
    let exact = oracle.loss(tested.loss, inputs: inputs, targets: targets)
    // Each of some 50 operations on the way to a number of size 1 rounds by at most 2^-24.
    let tolerance = 64 * 0x1p-24
    #expect(abs(value - exact) <= tolerance * (1 + abs(exact)))

    // The central difference errs by about step^2 and 2^-52 / step: both below 1e-9 here.
    let step = 1e-5
    func slope(_ change: (inout DoubleNetwork, Double) -> Void) -> Double {
      var above = oracle
      var below = oracle
      change(&above, step)
      change(&below, -step)
      let difference =
        above.loss(tested.loss, inputs: inputs, targets: targets)
        - below.loss(tested.loss, inputs: inputs, targets: targets)
      return difference / (2 * step)
    }
    for (index, layer) in network.layers.enumerated() {
      for row in 0..<layer.outputs {
        for column in 0..<layer.inputs {
          let expected = slope { $0.layers[index].weights[row][column] += $1 }
          let found = Double(back.weights[index][row, column])
          #expect(abs(found - expected) <= tolerance * (1 + abs(expected)))
        }
        let expected = slope { $0.layers[index].bias[row] += $1 }
        #expect(abs(Double(back.biases[index][row]) - expected) <= tolerance * (1 + abs(expected)))
      }
    }
  }

  @Test("a loss of logits far out is finite and exact")
  func farLogits() {
    let outputs = Matrix(rows: 2, columns: 1, elements: [300, -300])
    var slope = Matrix(rows: 2, columns: 1)
    let wrong = Loss.binaryCrossEntropy(negative: [1], positive: [1]).evaluate(
      outputs, targets: Matrix(rows: 2, columns: 1, elements: [0, 1]), gradient: &slope)
    #expect(wrong == 300)
    #expect(slope.elements == [0.5, -0.5])

    let logits = Matrix(rows: 1, columns: 3, elements: [1000, 0, -1000])
    var slopes = Matrix(rows: 1, columns: 3)
    let far = Loss.softmaxCrossEntropy(weights: [1, 1, 1]).evaluate(
      logits, targets: Matrix(rows: 1, columns: 1, elements: [1]), gradient: &slopes)
    #expect(far == 1000)
    #expect(slopes.elements == [1, -1, 0])
  }
}
