// SPDX-License-Identifier: Apache-2.0
import NNQFormat
import NNQReference
import NNQTestSupport
import Testing

@testable import NNQQuantize

/// What is said of a recipe is measured of that recipe, and where nothing can be measured nothing is said.
@Suite struct PlanTests {
  private func quantized(
    _ model: FloatModel, _ weights: QuantizationSettings.Weights = .eight,
    rows: CalibrationRows? = nil
  ) throws -> (model: Int8Model, report: QuantizationReport) {
    var settings = QuantizationSettings()
    settings.weights = weights
    return try Int8Model.quantizing(model, settings, calibration: rows)
  }

  @Test("what 4-bit weights are expected to lose is measured at 4 bits")
  func fourBits() throws {
    let model = sampleFloatModel(.binary, widths: [4, 12, 8, 1], rows: 300, seed: 31)
    let eight = try #require(try quantized(model).report.heldBack?.sqnr)
    let (_, report) = try quantized(model, .four)
    let four = try #require(report.heldBack?.sqnr)
    // A code of 4 bits is 18 times as coarse as one of 8.
    #expect(four < eight - 10)
    #expect(report.tried.contains { $0.recipe == report.chosen })
  }

  @Test(
    "mixed weights lose no more than 4-bit ones on rows held back, in decisions or in the outputs",
    arguments: 0..<6)
  func mixed(seed: UInt64) throws {
    let model = sampleFloatModel(.binary, widths: [3, 5, 7, 1], rows: 200, seed: 40 + seed)
    let mixed = try #require(try quantized(model, .mixed).report.heldBack)
    let four = try #require(try quantized(model, .four).report.heldBack)
    #expect(mixed.loss <= four.loss || mixed.sqnr ?? 0 > four.sqnr ?? 0)
  }

  @Test("of few rows nothing is expected, and every open code has 16 bits", arguments: [1, 3, 63])
  func fewRows(rows: Int) throws {
    let model = sampleFloatModel(.binary, widths: [4, 12, 1], rows: rows, seed: 33)
    let report = try quantized(model).report
    #expect(report.blindness == .fewRows(rows))
    #expect(report.heldBack == nil && report.tried.isEmpty)
    #expect(report.calibrationRows == rows && report.decisions == rows)
    #expect(report.chosen.inputWidth == .sixteen && report.chosen.wideLayers == [0])
    #expect(throws: QuantizationError.blind(.fewRows(rows))) {
      _ = try RecipeFront(model, QuantizationSettings()) { _ in 0 }
    }
  }

  @Test("of a model that answers all rows alike nothing is expected")
  func constant() throws {
    var model = sampleFloatModel(.regression, widths: [4, 12, 1], rows: 200, seed: 34)
    model.layers[1].weights = model.layers[1].weights.map { _ in 0 }
    #expect(try quantized(model).report.blindness == .constant)
    #expect(throws: QuantizationError.blind(.constant)) {
      _ = try RecipeFront(model, QuantizationSettings()) { _ in 0 }
    }
  }

  @Test("one row with what the model knows of its features gives a sound model")
  func oneRow() throws {
    var model = sampleFloatModel(.regression, widths: [6, 16, 10, 1], rows: 300, seed: 35)
    let all = try #require(model.calibration)
    let one = CalibrationRows(rows: 1, readings: Array(all.readings[..<6]))
    func saturated() throws -> Double {
      let made = try Int8Model.quantizing(model, QuantizationSettings(), calibration: one).model
      let exact = try CalibrationPass(model, all)
      let scale = made.tensors[0].scale
      // What the first layer hands on beyond its 16-bit codes.
      return Double(exact.outputs[0].values.count { Double($0) > scale * 32_767 })
        / Double(300 * 16)
    }
    model.statistics = nil
    let without = try saturated()
    let quantiles = (0..<6).map { feature in
      let sorted = (0..<300).map { all.readings[$0 * 6 + feature] }.sorted()
      return FeatureStatistics.standardProbabilities.map { sorted[Int($0 * 299)] }
    }
    model.statistics = FeatureStatistics(
      probabilities: FeatureStatistics.standardProbabilities, quantiles: quantiles)
    #expect(try saturated() == 0 && without > 0)
  }

  @Test("pruning is recorded, and with the record the same bytes come again")
  func pruning() throws {
    var model = sampleFloatModel(.multiclass, widths: [6, 9, 7, 3], rows: 200, seed: 36)
    for row in 0..<200 { model.calibration?.readings[row * 6 + 4] = 7 }
    model.layers[0].bias[3] = -1000
    for weights in QuantizationSettings.Weights.allCases {
      var settings = QuantizationSettings()
      (settings.weights, settings.prunes) = (weights, true)
      let first = try Int8Model.quantizing(model, settings).model
      #expect(first.image.layers[0].outputs < 9)
      #expect(first.provenance["float-sha256"] == (try Model.float(model).identity()))
      let line = try #require(first.provenance[QuantizationRecord.key])
      let record = try #require(QuantizationRecord(line, layers: 3))
      let again = try Int8Model.quantizing(model, record.settings, recipe: record.recipe).model
      #expect(try Model.int8(again).serialized() == Model.int8(first).serialized())
    }
  }

  @Test("decisions on anomalies are counted with the threshold that is stored")
  func anomaly() throws {
    let model = sampleFloatModel(.anomaly, widths: [4, 6, 4], rows: 200, seed: 37)
    let pass = try CalibrationPass(model, try #require(model.calibration))
    let (made, report) = try quantized(model)
    let inference = Int8Inference(made.image)
    let codes = pass.readings.map { made.codes($0[...]) }
    let turned = zip(codes, zip(pass.inputs, pass.outputs[1])).count { codes, pair in
      let exact = anomalyScore(input: pair.0, output: pair.1) > model.task.thresholds[0]
      let output = inference.run(codes)
      return (inference.score(input: codes, output: output) > made.image.scoreThreshold) != exact
    }
    #expect(report.flipped == turned)
  }
}
