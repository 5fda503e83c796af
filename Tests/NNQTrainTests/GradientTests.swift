// SPDX-License-Identifier: Apache-2.0
import NNQData
import NNQFormat
import NNQLinalg
import Testing

@testable import NNQTrain

@Suite("Gradients")
struct GradientTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var name: String
    var loss: LossFunction
    var settings: TrainingSettings
    var smoothing = 0.0
    var testDescription: String { "\(name), \(loss.rawValue)" }
  }

  private static func settings(_ change: (inout TrainingSettings) -> Void) -> TrainingSettings {
    var settings = TrainingSettings()
    settings.hidden = [5, 6, 6]
    settings.activation = .tanh
    change(&settings)
    return settings
  }

  static let layers: [Case] =
    Activation.Kind.allCases.map { kind in
      Case(name: kind.name, loss: .mse, settings: settings { $0.activation = Activation(kind) })
    } + [
      Case(name: "gate", loss: .mse, settings: settings { $0.isGated = true }),
      Case(name: "batch norm", loss: .mse, settings: settings { $0.normalization = .batch }),
      Case(
        name: "layer norm, gelu", loss: .mse,
        settings: settings {
          $0.normalization = .layer
          $0.activation = .gelu
        }),
      Case(
        name: "temperature", loss: .crossEntropy, settings: settings { $0.temperature = 2.5 }),
      Case(name: "dropout", loss: .mse, settings: settings { $0.dropout = 0.4 }),
      Case(name: "residual", loss: .mse, settings: settings { $0.isResidual = true }),
      Case(
        name: "everything with batch norm", loss: .crossEntropy,
        settings: settings {
          $0.isGated = true
          $0.normalization = .batch
          $0.dropout = 0.2
          $0.isResidual = true
        }),
      Case(
        name: "everything with layer norm", loss: .nll,
        settings: settings {
          $0.isGated = true
          $0.normalization = .layer
          $0.dropout = 0.2
          $0.isResidual = true
        }),
    ]

  static let losses: [Case] = LossFunction.allCases.flatMap { loss in
    [
      Case(name: "plain", loss: loss, settings: settings { _ in }),
      Case(name: "smoothed", loss: loss, settings: settings { _ in }, smoothing: 0.1),
    ]
  }

  @Test("the gradient is the finite difference of the loss in binary64", arguments: layers + losses)
  func gradient(of tested: Case) {
    var random = RandomSource(seed: 7)
    let outputs = 3
    let architecture = Architecture(
      tested.settings, inputs: 4, outputs: outputs, task: .regression,
      outputLayer: tested.loss == .nll ? .logSoftmax : .identity)
    let network: Network<Double> = Network<Float>(architecture, using: &random).copy(
      as: Double.self)
    // Biases and gains that are neither 0 nor 1.
    for index in 0..<network.parameters.count {
      network.parameters[index] += 0.1 * random.normal()
    }
    let rows = 9
    let inputs = Matrix(
      rows: rows, columns: 4, elements: (0..<rows * 4).map { _ in Float(random.normal()) })
    var loss = Loss(function: tested.loss, smoothing: tested.smoothing)
    let answers: Matrix
    switch tested.loss {
    case .mse, .mae, .huber:
      answers = Matrix(
        rows: rows, columns: outputs,
        elements: (0..<rows * outputs).map { _ in Float(2 * random.normal()) })
    case .bce:
      loss.weights = [1, 0.5, 2]
      loss.positive = [3, 1, 0.25]
      answers = Matrix(
        rows: rows, columns: outputs,
        elements: (0..<rows * outputs).map { _ in Float(random.below(2)) })
    case .crossEntropy, .nll:
      loss.weights = [1, 0.5, 2]
      answers = Matrix(
        rows: rows, columns: 1, elements: (0..<rows).map { _ in Float(random.below(outputs)) })
    }
    let step = GradientStep(
      network, loss: loss, rows: rows, targetColumns: answers.columns, method: .fixedOrder)
    let order = Array(0..<rows)
    func value() -> Double {
      step.run(
        order[...], inputs: inputs, answers: answers, pass: .training(seed: 3, step: 5))
    }
    _ = value()
    let found = step.gradient.elements
    // The central difference errs by some width^2 = 1e-10 of the third derivative and by
    // 2^-52 / width = 2e-11 of the loss.
    let width = 1e-5
    let size = (step.gradient.sumOfSquares / Double(found.count)).squareRoot()
    for index in found.indices {
      let parameter = network.parameters[index]
      network.parameters[index] = parameter + width
      let above = value()
      network.parameters[index] = parameter - width
      let below = value()
      network.parameters[index] = parameter
      let difference = (above - below) / (2 * width)
      #expect(abs(found[index] - difference) <= 1e-6 * max(abs(difference), size))
    }
  }

  @Test("a batch in two parts that are added gives the gradient of the whole")
  func accumulation() {
    var random = RandomSource(seed: 8)
    let network: Network<Double> = Network<Float>(
      Architecture(widths: [3, 5, 2], activations: [.silu, .identity]), using: &random
    ).copy(as: Double.self)
    let inputs = Matrix(
      rows: 10, columns: 3, elements: (0..<30).map { _ in Float(random.normal()) })
    let answers = Matrix(
      rows: 10, columns: 2, elements: (0..<20).map { _ in Float(random.normal()) })
    let step = GradientStep(
      network, loss: Loss(function: .mse), rows: 10, targetColumns: 2, method: .fixedOrder)
    let order = Array(0..<10)
    let whole = step.run(order[...], inputs: inputs, answers: answers, pass: .use)
    let gradient = step.gradient.elements
    let first = step.run(order[..<4], inputs: inputs, answers: answers, pass: .use, share: 0.4)
    let second = step.run(
      order[4...], inputs: inputs, answers: answers, pass: .use, isAdded: true, share: 0.6)
    // Sums of ten terms in another order.
    #expect(abs(0.4 * first + 0.6 * second - whole) <= 1e-14 * whole)
    for (a, b) in zip(gradient, step.gradient.elements) { #expect(abs(a - b) <= 1e-14) }
  }

  @Test("the number of threads and the width of the batch change no bit of the gradient")
  func threads() {
    var random = RandomSource(seed: 9)
    let rows = 300
    let network = Network<Float>(
      Architecture(widths: [40, 130, 64, 10], activations: [.relu, .tanh, .identity]),
      using: &random)
    let inputs = Matrix(
      rows: rows, columns: 40, elements: (0..<rows * 40).map { _ in Float(random.normal()) })
    let answers = Matrix(
      rows: rows, columns: 1, elements: (0..<rows).map { _ in Float(random.below(10)) })
    let loss = Loss(function: .crossEntropy, weights: Array(repeating: 1, count: 10))
    BLAS.useOneThread()
    for method in [ProductMethod.blas, .fixedOrder] {
      let one = GradientStep(
        network, loss: loss, rows: rows, targetColumns: 1, method: method)
      let value = one.run(Array(0..<rows)[...], inputs: inputs, answers: answers, pass: .use)
      for workers in [2, 3, 5] {
        let many = GradientStep(
          network, loss: loss, rows: rows, targetColumns: 1, workers: workers, method: method)
        for _ in 0..<10 {
          let other = many.run(Array(0..<rows)[...], inputs: inputs, answers: answers, pass: .use)
          #expect(other == value)
          #expect(many.gradient.elements == one.gradient.elements)
        }
      }
    }
  }

  @Test("a loss of logits far out is finite and exact")
  func farLogits() {
    func evaluate(
      _ loss: Loss, _ outputs: [Float], columns: Int, targets: [Float]
    ) -> (Double, [Float]) {
      let rows = outputs.count / columns
      let slope = Block<Float>(rows: rows, columns: columns)
      let value = loss.evaluate(
        Block(Vector(outputs), rows: rows, columns: columns),
        targets: Block(Vector(targets), rows: rows, columns: targets.count / rows),
        LossWeights(loss), rowsOfMean: rows, slope: slope)
      return (value, slope.values.elements)
    }
    let wrong = evaluate(
      Loss(function: .bce, weights: [1], positive: [1]), [300, -300], columns: 1, targets: [0, 1])
    #expect(wrong.0 == 300 && wrong.1 == [0.5, -0.5])
    let far = evaluate(
      Loss(function: .crossEntropy, weights: [1, 1, 1]), [1000, 0, -1000], columns: 3,
      targets: [1])
    #expect(far.0 == 1000 && far.1 == [1, -1, 0])
  }
}
