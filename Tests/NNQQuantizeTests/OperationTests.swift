// SPDX-License-Identifier: Apache-2.0
import NNQFormat
import NNQReference
import NNQTestSupport
import Testing

@testable import NNQQuantize

/// Each operation and activation, quantized, against the float network.
@Suite struct OperationTests {
  static let kinds: [[OperationKind]] = [
    [.layerNorm], [.dense, .add], [.gate], [.layerNorm, .dense, .add, .layerNorm],
    [.dense, .gate, .dense],
  ]

  private func report(
    _ model: FloatModel, input: QuantizationSettings.Width = .sixteen
  ) throws -> (model: Int8Model, report: QuantizationReport) {
    var settings = QuantizationSettings()
    settings.inputWidth = input
    return try Int8Model.quantizing(model, settings)
  }

  @Test("a chain of each operation keeps 30 dB with 8-bit codes between", arguments: kinds)
  func chains(kinds: [OperationKind]) throws {
    let model = sampleFloatModel(of: kinds, seed: 40)
    let (int8, report) = try report(model)
    #expect(try #require(report.layers.last?.sqnr) >= 30)
    #expect(int8.image.layers.map(\.operation.kind) == [.dense] + kinds + [.dense])
    #expect(
      report.layers.map(\.name)
        == model.layers.enumerated().map {
          "\($1.operation.kind.name)\($0)"
        })
    #expect(try Model(parsing: Model.int8(int8).serialized()) == .int8(int8))
  }

  @Test("every activation keeps 30 dB with 8-bit codes", arguments: Activation.Kind.allCases)
  func activations(kind: Activation.Kind) throws {
    let activation = Activation(kind, slope: 0.1)
    let model = sampleFloatModel(
      .regression, widths: [6, 12, 3], activation: activation, rows: 128, seed: 50)
    #expect(try #require(try report(model).report.layers.last?.sqnr) >= 30)
  }

  @Test("every activation in a gate keeps 25 dB", arguments: Activation.Kind.allCases)
  func gates(kind: Activation.Kind) throws {
    var model = sampleFloatModel(of: [.gate], rows: 128, seed: 51)
    model.layers[1].activation = Activation(kind, slope: 0.1)
    #expect(try #require(try report(model).report.layers.last?.sqnr) >= 25)
  }

  @Test(
    "every activation of the last layer keeps 40 dB with 16-bit codes",
    arguments: Activation.Kind.allCases)
  func wideActivations(kind: Activation.Kind) throws {
    var model = sampleFloatModel(.regression, widths: [6, 3], rows: 128, seed: 52)
    // 8-bit weights alone cost more; these are exact.
    model.layers[0].weights = (0..<18).map { [1, -1, 0, 0.5][$0 % 3] }
    model.layers[0].activation = Activation(kind, slope: 0.1)
    for index in model.features.indices { model.features[index].scale = 1 }
    #expect(try #require(try report(model).report.layers.last?.sqnr) >= 40)
  }

  @Test(
    "operations on the network's input share one scale, and keep 60 dB with 16 bits",
    arguments: [OperationKind.layerNorm, .gate, .add])
  func onInput(kind: OperationKind) throws {
    var model = sampleFloatModel(of: kind == .add ? [.dense, .add] : [kind], seed: 53)
    let first = model.layers.removeFirst()
    model.layers = Array(model.layers.prefix(kind == .add ? 2 : 1))
    let width = 6
    switch kind {
    case .layerNorm:
      model.layers = [
        FloatModel.Layer(
          inputs: width, outputs: width,
          operation: .layerNorm(
            gamma: Array(repeating: 1.5, count: width), beta: Array(repeating: 0.2, count: width),
            epsilon: 1e-5), activation: .identity)
      ]
    case .gate:
      model.layers = [
        FloatModel.Layer(inputs: width, outputs: 3, operation: .gate, activation: .silu)
      ]
    default:
      model.layers = [
        FloatModel.Layer(
          inputs: width, outputs: width, weights: Array(first.weights.prefix(width * width)),
          bias: Array(first.bias.prefix(width)), activation: .identity),
        FloatModel.Layer(
          inputs: width, outputs: width, operation: .add(source: 0), activation: .identity),
      ]
    }
    model.task = ModelTask(
      kind: .regression, targets: (0..<model.outputs).map { "t\($0)" },
      targetScaling: Array(
        repeating: ModelTask.TargetScaling(offset: 0, scale: 1), count: model.outputs))
    let (int8, report) = try report(model)
    #expect(Set(int8.input.map(\.zeroPoint)) == [0])
    #expect(int8.image.counts == nil)
    #expect(try #require(report.layers.last?.sqnr) >= (kind == .add ? 35 : 60))
  }
}
