// SPDX-License-Identifier: Apache-2.0
import Glibc
import NNQData
import NNQFormat
import NNQLinalg
import Testing

@testable import NNQTrain

@Suite("Worked examples")
struct WorkedExampleTests {
  /// A network of dense layers with the given weights, row by row, and biases.
  private func network(
    _ layers: [(weights: [[Float]], bias: [Float], activation: Activation)]
  ) -> Network<Float> {
    var architecture = Architecture(inputs: layers[0].weights[0].count)
    for layer in layers {
      architecture.append(.dense, outputs: layer.bias.count, activation: layer.activation)
    }
    let network = Network<Float>(architecture)
    for (plan, layer) in zip(network.layers, layers) {
      network.weights(of: plan).values.copy(Vector(layer.weights.flatMap { $0 }))
      network.bias(of: plan).copy(Vector(layer.bias))
    }
    return network
  }

  /// The gradient of a network of one input and one output, and the squared error.
  private func back(
    _ network: Network<Float>, x: Float, target: Float
  ) -> (loss: Double, gradient: Vector<Float>) {
    let step = GradientStep(
      network, loss: Loss(function: .mse), rows: 1, targetColumns: 1, method: .fixedOrder)
    let loss = step.run(
      [0][...], inputs: Matrix(rows: 1, columns: 1, elements: [x]),
      answers: Matrix(rows: 1, columns: 1, elements: [target]), pass: .use)
    return (loss, step.gradient)
  }

  @Test("a 3-4-2 network has 26 parameters")
  func parameters() {
    let count = Architecture(widths: [3, 4, 2], activations: [.relu, .identity]).parameterCount
    #expect(count == 26)
  }

  @Test("a relu layer of two inputs gives 0.7 and 0.7")
  func reluLayer() {
    let network = network([([[0.1, 0.3], [-0.2, 0.4]], [0, 0.1], .relu)])
    let y = network.predict(Matrix(rows: 1, columns: 2, elements: [1, 2])).elements
    #expect(y.allSatisfy { abs($0 - 0.7) < 4 * 0x1p-24 })
  }

  @Test("two layers give 0.689 and its sigmoid 0.666")
  func twoLayers() {
    let hidden: ([[Float]], [Float], Activation) = (
      [[0.8, 0.1, -0.3], [-0.4, 0.9, 0.2]], [0.2, -0.1], .relu
    )
    let x = Matrix(rows: 1, columns: 3, elements: [0.5, 1.2, -0.7])
    let sums = network([hidden]).predict(x).elements
    #expect(abs(sums[0] - 0.93) < 8 * 0x1p-24 && abs(sums[1] - 0.64) < 8 * 0x1p-24)
    let linear = network([hidden, ([[1.1, -0.6]], [0.05], .identity)])
    #expect(abs(linear.predict(x).elements[0] - 0.689) < 8 * 0x1p-24)
    let logistic = network([hidden, ([[1.1, -0.6]], [0.05], .sigmoid)])
    // The example states three digits.
    #expect(abs(logistic.predict(x).elements[0] - 0.666) < 0.0005)
  }

  @Test("the chain rule through two scalar layers gives -4.5 and -1.5 for half the squared error")
  func chainRule() {
    let network = network([([[0.5]], [0], .identity), ([[1.5]], [0], .identity)])
    let (loss, gradient) = back(network, x: 2, target: 3)
    // The whole squared error here: twice the example's half. All numbers are exact.
    #expect(loss == 2 * 1.125)
    #expect([gradient[0], gradient[2]] == [2 * -4.5, 2 * -1.5])
  }

  @Test("the cross-entropy of the softmax of 2, 1, 0.1 is 0.417 for the first class")
  func crossEntropy() {
    let slope = Block<Float>(rows: 1, columns: 3)
    let loss = Loss(function: .crossEntropy, weights: [1, 1, 1])
    let value = loss.evaluate(
      Block(Vector([2, 1, 0.1] as [Float]), rows: 1, columns: 3),
      targets: Block(rows: 1, columns: 1), LossWeights(loss), rowsOfMean: 1, slope: slope)
    // The gradient is the softmax less 1 at the target; the example states three digits.
    #expect(abs(value - 0.417) < 0.0005)
    for (found, stated) in zip(slope.values.elements, [0.659 - 1, 0.242, 0.099] as [Float]) {
      #expect(abs(found - stated) < 0.0005)
    }
  }

  @Test("a step of rate 0.1 and decay 0.01 without gradient takes 4 to 3.996 and leaves the bias")
  func weightDecay() {
    let network = network([([[4]], [4], .identity)])
    var optimizer = Optimizer(for: network, weightDecay: 0.01)
    optimizer.beginStep()
    let gradient = Vector<Float>(zeros: 2)
    optimizer.move(network, 0..<1, gradient: gradient, learningRate: 0.1, decays: true)
    optimizer.move(network, 1..<2, gradient: gradient, learningRate: 0.1, decays: false)
    #expect(network.parameters.elements == [3.996, 4])
  }

  @Test("a step of gradient descent takes 4 to 3.4 with gradient 6 and rate 0.1")
  func gradientDescent() {
    let network = network([([[4]], [0], .identity)])
    var optimizer = Optimizer(.sgd, for: network)
    optimizer.beginStep()
    optimizer.move(
      network, 0..<1, gradient: Vector([6, 0] as [Float]), learningRate: 0.1, decays: true)
    #expect(network.parameters[0] == 3.4)
  }

  @Test("half of w squared falls 4, 3.6, 3.24, 2.916 with rate 0.1 and diverges above rate 2")
  func parabola() {
    func path(rate: Double, steps: Int) -> [Double] {
      let network: Network<Double> = network([([[4]], [0], .identity)]).copy(as: Double.self)
      var optimizer = Optimizer(.sgd, for: network)
      return (0..<steps).map { _ in
        optimizer.beginStep()
        let gradient = Vector<Double>([network.parameters[0], 0])
        optimizer.move(network, 0..<1, gradient: gradient, learningRate: rate, decays: true)
        return network.parameters[0]
      }
    }
    for (found, stated) in zip(path(rate: 0.1, steps: 3), [3.6, 3.24, 2.916]) {
      #expect(abs(found - stated) < 1e-15 * 4)
    }
    #expect(abs(path(rate: 2.1, steps: 50)[49]) > 4 && abs(path(rate: 1.9, steps: 50)[49]) < 4)
  }

  @Test("the layer norm of 1, 2, 3, 4 is -1.34, -0.45, 0.45, 1.34")
  func layerNorm() {
    var architecture = Architecture(inputs: 4)
    architecture.append(.layerNorm)
    let y = Network<Float>(architecture).predict(
      Matrix(rows: 1, columns: 4, elements: [1, 2, 3, 4])
    ).elements
    for (found, stated) in zip(y, [-1.34, -0.45, 0.45, 1.34] as [Float]) {
      #expect(abs(found - stated) < 0.005)
    }
  }

  @Test("the first step of AdamW has the size of the learning rate whatever the gradient")
  func firstStep() {
    for target: Float in [-1000, 0, 1000] {
      let network = network([([[1]], [1], .identity)])
      let gradient = back(network, x: 1, target: target).gradient
      var optimizer = Optimizer(for: network)
      optimizer.beginStep()
      optimizer.move(network, 0..<1, gradient: gradient, learningRate: 0.25, decays: true)
      // epsilon is 1e-8 of a gradient of 4 or more, the moments round by a few 2^-24.
      let moved = network.parameters[0] - 1
      #expect(abs(abs(moved) - 0.25) < 8 * 0x1p-24)
      #expect((moved > 0) == (target > 2))
    }
  }

  @Test("ten sigmoid layers leave 0.25 to the power of ten of the gradient, about 1e-6")
  func vanishing() {
    // Each sum is 0, where the sigmoid is 0.5 and its slope 0.25.
    let network = network(
      (0..<10).map { ([[1]], [$0 == 0 ? 0 : -0.5], Activation(.sigmoid)) })
    let (_, gradient) = back(network, x: 0, target: 0)
    // Of the squared error of 0.5, whose slope is 1. All numbers are exact.
    let bias = Double(gradient[1])
    #expect(bias == pow(0.25, 10))
    #expect(abs(bias / 1e-6 - 1) < 0.05)
  }

  @Test("fifty relu layers of width 256 keep the signal, with half the weights they lose it")
  func depth() {
    var random = RandomSource(seed: 3)
    let depth = 50
    let network = Network<Float>(
      Architecture(
        widths: Array(repeating: 256, count: depth + 1),
        activations: Array(repeating: .relu, count: depth)), using: &random)
    let x = Matrix(
      rows: 8, columns: 256, elements: (0..<8 * 256).map { _ in Float(random.normal()) })
    func size(_ network: Network<Float>) -> Double {
      let y = network.predict(x).elements
      return (y.reduce(0) { $0 + Double($1) * Double($1) } / Double(y.count)).squareRoot()
    }
    // Over 50 layers the logarithm of the size spreads by about sqrt(50 * 5 / 256) = 1.
    #expect((0.02...50).contains(size(network)))
    network.parameters.scale(by: 0.5)
    #expect(size(network) < 50 * pow(0.5, Double(depth)))
    network.parameters.scale(by: 4)
    #expect(size(network) > pow(2, Double(depth)) / 50)
  }

  @Test("schedules start at the base rate and fall to nothing")
  func schedules() {
    #expect(Schedule.constant.factor(step: 99, steps: 100) == 1)
    #expect(Schedule.cosine.factor(step: 0, steps: 100) == 1)
    #expect(abs(Schedule.cosine.factor(step: 50, steps: 100) - 0.5) < 1e-15)
    #expect(Schedule.cosine.factor(step: 99, steps: 100) < 0.001)
    #expect([0, 34, 67].map { Schedule.step.factor(step: $0, steps: 100) } == [1, 0.1, 0.01])
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
