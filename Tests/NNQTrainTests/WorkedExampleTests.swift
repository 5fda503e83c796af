// SPDX-License-Identifier: Apache-2.0
import Glibc
import NNQData
import NNQFormat
import NNQLinalg
import Testing

@testable import NNQTrain

@Suite("Worked examples")
struct WorkedExampleTests {
  private func layer(
    _ weights: [[Float]], _ bias: [Float], _ activation: Activation
  ) -> DenseLayer {
    DenseLayer(
      weights: Matrix(
        rows: weights.count, columns: weights[0].count, elements: weights.flatMap { $0 }),
      bias: bias, activation: activation)
  }

  @Test("a 3-4-2 network has 26 parameters")
  func parameters() {
    var random = RandomSource(seed: 1)
    let network = Network(
      widths: [3, 4, 2], activations: [.relu, .identity], using: &random)
    let count = network.layers.reduce(0) { $0 + $1.weights.elements.count + $1.bias.count }
    #expect(count == 26)
  }

  @Test("a relu layer of two inputs gives 0.7 and 0.7")
  func reluLayer() {
    let network = Network(layers: [layer([[0.1, 0.3], [-0.2, 0.4]], [0, 0.1], .relu)])
    let y = network.predict(Matrix(rows: 1, columns: 2, elements: [1, 2])).elements
    #expect(y.allSatisfy { abs($0 - 0.7) < 4 * 0x1p-24 })
  }

  @Test("two layers give 0.689 and its sigmoid 0.666")
  func twoLayers() {
    let hidden = layer([[0.8, 0.1, -0.3], [-0.4, 0.9, 0.2]], [0.2, -0.1], .relu)
    let x = Matrix(rows: 1, columns: 3, elements: [0.5, 1.2, -0.7])
    let sums = Network(layers: [hidden]).predict(x).elements
    #expect(abs(sums[0] - 0.93) < 8 * 0x1p-24 && abs(sums[1] - 0.64) < 8 * 0x1p-24)
    let linear = Network(layers: [hidden, layer([[1.1, -0.6]], [0.05], .identity)])
    #expect(abs(linear.predict(x).elements[0] - 0.689) < 8 * 0x1p-24)
    let logistic = Network(layers: [hidden, layer([[1.1, -0.6]], [0.05], .sigmoid)])
    // The example states three digits.
    #expect(abs(logistic.predict(x).elements[0] - 0.666) < 0.0005)
  }

  @Test("the chain rule through two scalar layers gives -4.5 and -1.5 for half the squared error")
  func chainRule() {
    let network = Network(layers: [layer([[0.5]], [0], .identity), layer([[1.5]], [0], .identity)])
    var back = Backpropagation(for: network)
    let loss = back.run(
      network, inputs: Matrix(rows: 1, columns: 1, elements: [2]),
      targets: Matrix(rows: 1, columns: 1, elements: [3]), loss: .squaredError)
    // The whole squared error here: twice the example's half. All numbers are exact.
    #expect(loss == 2 * 1.125)
    #expect(back.weights.map { $0.elements[0] } == [2 * -4.5, 2 * -1.5])
  }

  @Test("the cross-entropy of the softmax of 2, 1, 0.1 is 0.417 for the first class")
  func crossEntropy() {
    var slope = Matrix(rows: 1, columns: 3)
    let value = Loss.softmaxCrossEntropy(weights: [1, 1, 1]).evaluate(
      Matrix(rows: 1, columns: 3, elements: [2, 1, 0.1]),
      targets: Matrix(rows: 1, columns: 1, elements: [0]), gradient: &slope)
    // The gradient is the softmax less 1 at the target; the example states three digits.
    #expect(abs(value - 0.417) < 0.0005)
    for (found, stated) in zip(slope.elements, [0.659 - 1, 0.242, 0.099] as [Float]) {
      #expect(abs(found - stated) < 0.0005)
    }
  }

  @Test("a step of rate 0.1 and decay 0.01 without gradient takes 4 to 3.996 and leaves the bias")
  func weightDecay() {
    var network = Network(layers: [layer([[4]], [4], .identity)])
    var optimizer = Optimizer(for: network, weightDecay: 0.01)
    optimizer.step(&network, gradient: Backpropagation(for: network), learningRate: 0.1)
    #expect(network.layers[0].weights.elements[0] == 3.996)
    #expect(network.layers[0].bias[0] == 4)
  }

  @Test("the first step of AdamW has the size of the learning rate whatever the gradient")
  func firstStep() {
    let start = Network(layers: [layer([[1]], [1], .identity)])
    for target: Float in [-1000, 0, 1000] {
      var network = start
      var back = Backpropagation(for: network)
      _ = back.run(
        network, inputs: Matrix(rows: 1, columns: 1, elements: [1]),
        targets: Matrix(rows: 1, columns: 1, elements: [target]), loss: .squaredError)
      var optimizer = Optimizer(for: network, weightDecay: 0)
      optimizer.step(&network, gradient: back, learningRate: 0.25)
      // epsilon is 1e-8 of a gradient of 4 or more, the moments round by a few 2^-24.
      let moved = network.layers[0].weights.elements[0] - 1
      #expect(abs(abs(moved) - 0.25) < 8 * 0x1p-24)
      #expect((moved > 0) == (target > 2))
    }
  }

  @Test("fifty relu layers of width 256 keep the signal, with half the weights they lose it")
  func depth() {
    var random = RandomSource(seed: 3)
    let depth = 50
    var network = Network(
      widths: Array(repeating: 256, count: depth + 1),
      activations: Array(repeating: .relu, count: depth), using: &random)
    let x = Matrix(
      rows: 8, columns: 256, elements: (0..<8 * 256).map { _ in Float(random.normal()) })
    func size(_ network: Network) -> Double {
      let y = network.predict(x).elements
      return (y.reduce(0) { $0 + Double($1) * Double($1) } / Double(y.count)).squareRoot()
    }
    // Over 50 layers the logarithm of the size spreads by about sqrt(50 * 5 / 256) = 1.
    #expect((0.02...50).contains(size(network)))
    for index in network.layers.indices {
      for place in network.layers[index].weights.elements.indices {
        network.layers[index].weights.elements[place] *= 0.5
      }
    }
    #expect(size(network) < 50 * pow(0.5, Double(depth)))
  }

  @Test("schedules start at the base rate and fall to nothing")
  func schedules() {
    #expect(Schedule.constant.factor(step: 99, steps: 100) == 1)
    #expect(Schedule.cosine.factor(step: 0, steps: 100) == 1)
    #expect(abs(Schedule.cosine.factor(step: 50, steps: 100) - 0.5) < 1e-15)
    #expect(Schedule.cosine.factor(step: 99, steps: 100) < 0.001)
    #expect(Schedule.warmupCosine.factor(step: 0, steps: 100) == 0.2)
    #expect(Schedule.warmupCosine.factor(step: 4, steps: 100) == 1)
    #expect(Schedule.warmupCosine.factor(step: 99, steps: 100) < 0.001)
    for schedule in Schedule.allCases {
      for steps in [1, 2, 19, 100] {
        for step in 0..<steps {
          #expect((0...1).contains(schedule.factor(step: step, steps: steps)))
        }
      }
    }
  }
}
