// SPDX-License-Identifier: Apache-2.0
import Glibc
import NNQData
import NNQFormat
import NNQLinalg
import NNQTestSupport
import Testing

@testable import NNQTrain

/// The interpreter that has PyTorch: NNQ_PYTHON, or `python3`.
private let python: String =
  unsafe getenv("NNQ_PYTHON").map { unsafe String(cString: $0) } ?? "python3"

@Suite("PyTorch")
struct TorchTests {
  struct Case {
    var name: String
    var loss = LossFunction.mse
    var optimizer = OptimizerKind.adamW
    var momentum = 0.0
    var smoothing = 0.0
    var settings = TrainingSettings()
  }

  private static let hasTorch = unsafe system("'\(python)' -c 'import torch' 2>/dev/null") == 0

  private static var cases: [Case] {
    func shaped(_ change: (inout TrainingSettings) -> Void) -> TrainingSettings {
      var settings = TrainingSettings()
      settings.hidden = [7, 6, 6]
      change(&settings)
      return settings
    }
    let plain = shaped { _ in }
    var cases = Activation.Kind.allCases.map { kind in
      Case(name: kind.name, settings: shaped { $0.activation = Activation(kind) })
    }
    cases += LossFunction.allCases.map { Case(name: $0.rawValue, loss: $0, settings: plain) }
    cases += [LossFunction.crossEntropy, .bce].map {
      Case(name: "\($0.rawValue), smoothed", loss: $0, smoothing: 0.1, settings: plain)
    }
    cases += OptimizerKind.allCases.map {
      Case(name: $0.rawValue, loss: .crossEntropy, optimizer: $0, settings: plain)
    }
    cases.append(
      Case(name: "momentum", loss: .huber, optimizer: .sgd, momentum: 0.9, settings: plain))
    for normalization in TrainingSettings.Normalization.allCases {
      for isGated in [false, true] {
        let settings = shaped {
          $0.normalization = normalization
          $0.isGated = isGated
          $0.isResidual = true
        }
        cases.append(
          Case(name: "\(normalization), gated \(isGated)", loss: .nll, settings: settings))
      }
    }
    return cases
  }

  @Test(
    "ten steps from the same weights agree to 1e-5",
    .enabled(if: hasTorch, "PyTorch is not installed; NNQ_PYTHON names an interpreter that has it"))
  func agreement() throws {
    let folder = TemporaryFolder()
    let path = folder.put(Self.cases.map { line($0) }.joined(), in: "cases.jsonl")
    let script = packageRoot + "/benchmarks/training/agreement.py"
    #expect(unsafe system("'\(python)' '\(script)' '\(path)'") == 0)
  }

  /// A case with its parameters before and after ten steps, as one line of JSON.
  private func line(_ tested: Case) -> String {
    var random = RandomSource(seed: 21)
    let (rows, inputs, outputs, rate, decay) = (24, 5, 3, 0.01, 0.1)
    let architecture = Architecture(
      tested.settings, inputs: inputs, outputs: outputs, task: .regression,
      outputLayer: tested.loss == .nll ? .logSoftmax : .identity)
    let network: Network<Double> = Network<Float>(architecture, using: &random).copy(
      as: Double.self)
    let before = network.parameters.elements
    let x = Matrix(
      rows: rows, columns: inputs, elements: (0..<rows * inputs).map { _ in Float(random.normal()) }
    )
    var loss = Loss(function: tested.loss, smoothing: tested.smoothing)
    let answers: Matrix
    switch tested.loss {
    case .crossEntropy, .nll:
      loss.weights = [1, 0.5, 2]
      answers = Matrix(
        rows: rows, columns: 1, elements: (0..<rows).map { _ in Float(random.below(outputs)) })
    case .bce:
      loss.weights = [1, 1, 1]
      loss.positive = [1, 1, 1]
      answers = Matrix(
        rows: rows, columns: outputs,
        elements: (0..<rows * outputs).map { _ in Float(random.below(2)) })
    case .mse, .mae, .huber:
      answers = Matrix(
        rows: rows, columns: outputs,
        elements: (0..<rows * outputs).map { _ in Float(2 * random.normal()) })
    }
    let step = GradientStep(
      network, loss: loss, rows: rows, targetColumns: answers.columns, method: .fixedOrder)
    let isDecaying = tested.optimizer == .adamW
    var optimizer = Optimizer(
      tested.optimizer, for: network, momentum: tested.momentum,
      weightDecay: isDecaying ? decay : 0)
    for _ in 0..<10 {
      optimizer.beginStep()
      let moving = optimizer
      _ = step.run(
        Array(0..<rows)[...], inputs: x, answers: answers, pass: .training(seed: 0, step: 0),
        then: { part in
          let places = step.places(of: part)
          moving.move(
            network, places.weights, gradient: step.gradient, learningRate: rate, decays: true)
          moving.move(
            network, places.others, gradient: step.gradient, learningRate: rate, decays: false)
        })
    }
    let operations = architecture.layers.map { layer in
      var (name, source) = ("", 0)
      switch layer.operation {
      case .dense: name = "dense"
      case .batchNorm: name = "batch"
      case .layerNorm: name = "layer"
      case .gate: name = "gate"
      case .add(let place): (name, source) = ("add", place)
      case .dropout: name = "dropout"
      case .logSoftmax: name = "log-softmax"
      case .temperature: name = "temperature"
      }
      return """
        {"name": "\(name)", "inputs": \(layer.inputs), "outputs": \(layer.outputs), \
        "source": \(source), "activation": "\(layer.activation.name)"}
        """
    }.joined(separator: ", ")
    let weights = tested.loss == .bce ? [] : loss.weights
    return """
      {"name": "\(tested.name)", "operations": [\(operations)], "before": \(before), \
      "after": \(network.parameters.elements), "rows": \(rows), "inputs": \(x.elements.map { Double($0) }), \
      "targets": \(answers.elements.map { Double($0) }), "weights": \(weights), "loss": "\(tested.loss.rawValue)", \
      "smoothing": \(tested.smoothing), "optimizer": "\(tested.optimizer.rawValue)", \
      "rate": \(rate), "decay": \(isDecaying ? decay : 0), "momentum": \(tested.momentum), \
      "steps": 10}

      """
  }
}
