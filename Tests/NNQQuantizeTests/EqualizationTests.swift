// SPDX-License-Identifier: Apache-2.0
import NNQFormat
import NNQReference
import NNQTestSupport
import Testing

@testable import NNQQuantize

@Suite struct EqualizationTests {
  /// A network some of whose units are far larger than the others, which the next layer takes back.
  private func unbalanced(_ activation: Activation = .relu) -> FloatModel {
    var model = sampleFloatModel(
      .regression, widths: [6, 16, 14, 2], activation: activation, rows: 300, seed: 41)
    for layer in 0..<2 {
      let next = model.layers[layer + 1]
      for unit in stride(from: 0, to: model.layers[layer].outputs, by: 3) {
        let (inputs, factor) = (model.layers[layer].inputs, Float(200 + unit))
        for input in 0..<inputs { model.layers[layer].weights[unit * inputs + input] *= factor }
        model.layers[layer].bias[unit] *= factor
        for row in 0..<next.outputs {
          model.layers[layer + 1].weights[row * next.inputs + unit] /= factor
        }
      }
    }
    return model
  }

  private func settings(
    _ equalization: QuantizationSettings.Equalization,
    _ scales: QuantizationSettings.WeightScales = .tensor
  ) -> QuantizationSettings {
    var settings = QuantizationSettings()
    settings.equalization = equalization
    settings.weightScales = scales
    settings.inputWidth = .sixteen
    settings.activations = .eight
    return settings
  }

  private func outputs(_ model: FloatModel) throws -> [[Float]] {
    let rows = try #require(model.calibration)
    let inference = FloatInference(model)
    return (0..<rows.rows).map { row in
      inference.run(
        inference.standardized(rows.readings[row * model.inputs..<(row + 1) * model.inputs]))
    }
  }

  @Test(
    "the float network computes the same bits",
    arguments: [Activation.identity, .relu, .leakyRelu(slope: 0.1)])
  func sameFunction(activation: Activation) throws {
    let model = unbalanced(activation)
    for equalization in [QuantizationSettings.Equalization.quarter, .half] {
      let equalized = model.equalized(equalization)
      #expect(equalized != model)
      #expect(try outputs(equalized) == outputs(model))
      // A unit hands on the same but for its factor.
      let factors = model.unitFactors(equalization)
      let (old, new) = (FloatInference(model), FloatInference(equalized))
      let input = [Float](repeating: 0.75, count: 6)
      for (layer, (exact, made)) in zip(old.layerOutputs(input), new.layerOutputs(input))
        .enumerated()
      {
        #expect(exact == made.indices.map { made[$0] * (factors[layer]?[$0] ?? 1) })
      }
    }
  }

  @Test("the square root brings the reach of a unit and of what takes it in within a factor of 2")
  func balance() {
    let equalized = unbalanced().equalized(.half)
    let (layer, next) = (equalized.layers[0], equalized.layers[1])
    // The next layer's own units are scaled afterwards.
    let factors = unbalanced().unitFactors(.half)[1] ?? []
    for unit in 0..<layer.outputs {
      let made = (0..<6).map { abs(layer.weights[unit * 6 + $0]) }.max() ?? 0
      let taken =
        (0..<next.outputs).map {
          abs(next.weights[$0 * next.inputs + unit] * factors[$0])
        }.max() ?? 0
      // The factor is rounded by at most the root of 2, which moves the ratio by its square.
      #expect(made / taken <= 2 && taken / made <= 2)
    }
  }

  @Test(
    "units stay as they are where the activation is not homogeneous or something else takes them",
    arguments: [Activation.relu6, .tanh, .sigmoid, .gelu, .silu, .hardSwish])
  func untouched(activation: Activation) {
    let model = unbalanced(activation)
    #expect(model.equalized(.half) == model)
    #expect(unbalanced().equalized(.none) == unbalanced())
    var skipped = unbalanced()
    let layers = skipped.layers
    func add(_ source: Int, _ width: Int) -> FloatModel.Layer {
      FloatModel.Layer(
        inputs: width, outputs: width, operation: .add(source: source), activation: .identity)
    }
    // The second layer's units go into an add, and the first layer's into a later one.
    var square = layers[1]
    square = FloatModel.Layer(
      inputs: 16, outputs: 16, weights: (0..<256).map { Float($0 % 7) - 3 },
      bias: [Float](repeating: 0, count: 16), activation: .relu)
    skipped.layers = [layers[0], square, add(1, 16)]
    #expect(skipped.unitFactors(.half) == [nil, nil, nil])
  }

  @Test("a unit whose numbers would leave what binary32 holds exactly stays as it is")
  func extremes() {
    var model = unbalanced()
    for input in 0..<6 { model.layers[0].weights[input] = 1e38 }
    for input in 6..<12 { model.layers[0].weights[input] = 0 }
    model.layers[0].weights[12] = Float.leastNonzeroMagnitude * 7
    for input in 13..<18 { model.layers[0].weights[input] = 0 }
    let factors = model.unitFactors(.half)[0] ?? []
    #expect(factors[1] == 1 && factors[2] == 1)
    #expect(model.equalized(.half).layers.allSatisfy { $0.weights.allSatisfy(\.isFinite) })
  }

  @Test("it gains where layers with one weight scale have unlike units, and auto takes it there")
  func gain() throws {
    let model = unbalanced()
    func sqnr(_ settings: QuantizationSettings) throws -> Double {
      try #require(try Int8Model.quantizing(model, settings).report.layers.last?.sqnr)
    }
    let plain = try sqnr(settings(.none))
    #expect(try sqnr(settings(.quarter)) > plain + 6)
    #expect(try sqnr(settings(.half)) > plain + 12)
    let chosen = try Int8Model.quantizing(model, settings(.auto)).report
    #expect(chosen.equalization == .half)
    #expect(chosen.heldBack?.sqnr ?? 0 > plain + 6)
    // Layers are compared with those of the equalized network: none of them is noise.
    #expect(chosen.layers.allSatisfy { $0.sqnr ?? 0 > 20 })
    let balanced = sampleFloatModel(.regression, widths: [6, 16, 14, 2], rows: 300, seed: 42)
    #expect(
      try Int8Model.quantizing(balanced, settings(.auto, .row)).report.equalization == .none)
  }

  @Test("the record rebuilds it, with the same bytes on any threads")
  func rebuild() throws {
    let model = unbalanced()
    for equalization in QuantizationSettings.Equalization.allCases {
      var settings = settings(equalization)
      let first = try Int8Model.quantizing(model, settings).model
      let line = try #require(first.provenance[QuantizationRecord.key])
      #expect(line.contains("equalize=") == (equalization != .none))
      let record = try #require(QuantizationRecord(line, layers: 3))
      let bytes = try Model.int8(first).serialized()
      let again = try Int8Model.quantizing(model, record.settings, recipe: record.recipe).model
      #expect(try Model.int8(again).serialized() == bytes)
      settings.threads = 3
      let threaded = try Int8Model.quantizing(model, settings).model
      #expect(try Model.int8(threaded).serialized() == bytes)
      #expect(QuantizationRecord(line + " equalize=auto", layers: 3) == nil)
    }
  }
}
