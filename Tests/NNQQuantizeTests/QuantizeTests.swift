// SPDX-License-Identifier: Apache-2.0
import NNQFormat
import NNQQuantize
import NNQReference
import NNQTestSupport
import Testing

@Suite struct QuantizeTests {
  private func settings(
    _ scale: QuantizationSettings.InputScale = .auto, output: CodeWidth = .sixteen
  ) -> QuantizationSettings {
    var settings = QuantizationSettings()
    settings.inputScale = scale
    settings.outputWidth = output
    return settings
  }

  @Test(
    "a model of each task is close to float and survives its file", arguments: sampleShapes.indices)
  func everyTask(index: Int) throws {
    let (kind, widths, activation) = sampleShapes[index]
    let model = sampleFloatModel(
      kind, widths: widths, activation: activation, rows: 256, seed: UInt64(index))
    for output in [CodeWidth.eight, .sixteen] {
      let (quantized, report) = try Int8Model.quantizing(model, settings(output: output))
      // Three layers of 8-bit codes over ranges of about 6 standard deviations: each adds noise of
      // about 6 * 8 + 10.8 - 20 log10(6 * 1.15) = 42 dB, weights as much again; 20 dB is far below.
      let sqnr = try #require(report.layers.last?.sqnr)
      #expect(sqnr > 20, "\(kind) \(output)")
      let bytes = try Model.int8(quantized).serialized()
      #expect(try Model(parsing: bytes) == .int8(quantized))
      #expect(quantized.image.selfTests.count == 4)
    }
  }

  @Test("quantizing twice gives the same bytes")
  func deterministic() throws {
    let model = sampleFloatModel(.multiclass, widths: [6, 9, 4], seed: 3)
    let bytes = try (0..<2).map { _ in
      try Model.int8(try Int8Model.quantizing(model, settings()).model).serialized()
    }
    #expect(bytes[0] == bytes[1])
  }

  @Test("raw counts and the readings they stand for give codes at most one apart")
  func counts() throws {
    let model = sampleFloatModel(.regression, widths: [4, 6, 1], counted: true, seed: 5)
    let quantized = try Int8Model.quantizing(model, settings(.feature)).model
    let inference = Int8Inference(quantized.image)
    var random = TestRandom(seed: 6)
    for _ in 0..<500 {
      let counts = (0..<4).map { _ in Int32.random(in: -900...900, using: &random) }
      let readings = zip(counts, model.features).map { count, feature in
        Float(
          Double(count) * (feature.counts?.unitPerCount ?? 1) + (feature.counts?.zeroValue ?? 0))
      }
      let fromCounts = try #require(inference.input(counts: counts))
      // Binary32 moves a reading by 2^-24 of its size, so only a tie may fall to the other side.
      for (a, b) in zip(fromCounts, quantized.codes(readings[...])) { #expect(abs(a - b) <= 1) }
    }
  }

  @Test("counts further from the mean than 32 bits reach are refused by the feature's name")
  func countsTooFar() throws {
    var model = sampleFloatModel(.regression, widths: [4, 6, 1], counted: true, seed: 5)
    model.features[2].counts?.range = Int32.min...Int32.max
    #expect(throws: QuantizationError.featureOutOfRange(feature: "sensor2")) {
      try Int8Model.quantizing(model, settings(.feature))
    }
  }

  @Test("regression values come out in the target's unit")
  func regressionValues() throws {
    let model = sampleFloatModel(.regression, widths: [4, 16, 2], rows: 400, seed: 7)
    let quantized = try Int8Model.quantizing(model, settings()).model
    let float = FloatInference(model)
    let integer = Int8Inference(quantized.image)
    let calibration = try #require(model.calibration)
    var sums = [0.0, 0.0]
    for row in 0..<calibration.rows {
      let readings = calibration.readings[row * 4..<row * 4 + 4]
      let input = float.standardized(readings)
      let exact = model.task.prediction(input: input, output: float.run(input)).values
      let output = integer.run(quantized.codes(readings))
      for (index, code) in output.enumerated() {
        sums[index] += quantized.image.outputs[index].real(code) - exact[index]
      }
    }
    // Bias correction leaves a mean error of at most half an output step and half a bias step,
    // and clamping none on calibration rows: far below a thousandth of the target's scale.
    for (sum, scaling) in zip(sums, model.task.targetScaling) {
      #expect(abs(sum / Double(calibration.rows)) < scaling.scale * 2e-3)
    }
  }

  @Test("a row of zeros, a constant feature and denormal weights give a sound model")
  func degenerate() throws {
    var model = sampleFloatModel(.regression, widths: [4, 3, 1], seed: 8)
    for index in 0..<4 { model.layers[0].weights[index] = 0 }
    for index in 4..<8 { model.layers[0].weights[index] = Float.leastNonzeroMagnitude }
    for row in 0..<(model.calibration?.rows ?? 0) { model.calibration?.readings[row * 4] = 0 }
    let quantized = try Int8Model.quantizing(model, settings()).model
    try quantized.image.validate()
  }

  @Test("weights of 1e30 give a sound model or a named error")
  func huge() throws {
    var model = sampleFloatModel(.regression, widths: [4, 3, 1], seed: 9)
    model.layers[0].weights[0] = 1e30
    do {
      try Int8Model.quantizing(model, settings()).model.image.validate()
    } catch let error as QuantizationError {
      #expect(error != .noCalibrationRows)
    }
  }

  @Test("no calibration rows is an error")
  func noRows() {
    var model = sampleFloatModel(.binary, widths: [4, 3, 1], seed: 10)
    model.calibration = nil
    #expect(throws: QuantizationError.noCalibrationRows) {
      try Int8Model.quantizing(model, settings())
    }
  }

  @Test("a calibration reading that is not a number is an error that names row and feature")
  func badReading() {
    var model = sampleFloatModel(.binary, widths: [4, 3, 1], seed: 11)
    model.calibration?.readings[9] = .nan
    #expect(throws: QuantizationError.badReading(row: 2, feature: "sensor1")) {
      try Int8Model.quantizing(model, settings())
    }
  }

  @Test("16-bit input keeps the accumulator bound of long rows", arguments: [16, 600, 1500])
  func wideInput(inputs: Int) throws {
    let model = sampleFloatModel(.multiclass, widths: [inputs, 6, 3], rows: 24, seed: 13)
    for scale in [QuantizationSettings.InputScale.feature, .tensor] {
      var settings = settings(scale)
      settings.inputWidth = .sixteen
      // Quantizing validates the image, and with it the bound of every row.
      let (quantized, report) = try Int8Model.quantizing(model, settings)
      #expect(quantized.image.inputWidth == .sixteen)
      #expect(try #require(report.layers.last?.sqnr) > 20)
    }
  }

  @Test("a feature with a heavy tail calls for 16-bit input, and costs 8 bits 6 dB and more")
  func inputWidthChoice() throws {
    func bestNarrow(_ report: QuantizationReport) -> Double {
      report.tried.filter { $0.recipe.inputWidth == .eight }.compactMap(\.heldBack.sqnr).max() ?? 0
    }
    var model = sampleFloatModel(.regression, widths: [8, 12, 1], rows: 256, seed: 14)
    let tame = try Int8Model.quantizing(model, settings()).report
    for feature in 0..<8 {
      let own = model.features[feature]
      model.statistics?.quantiles[feature][0] = Float(own.offset - 200 * own.scale)
    }
    let (quantized, report) = try Int8Model.quantizing(model, settings())
    #expect(report.tried.count >= 4)
    #expect(quantized.image.inputWidth == .sixteen)
    #expect(bestNarrow(report) <= bestNarrow(tame) - 6)
  }

  @Test("the recipe that is taken was tried on all rows, and those screened out were worse")
  func screening() throws {
    let model = sampleFloatModel(.regression, widths: [8, 24, 24, 1], rows: 256, seed: 19)
    let report = try Int8Model.quantizing(model, QuantizationSettings()).report
    let taken = try #require(report.tried.first { $0.recipe == report.chosen })
    #expect(!taken.isScreened)
    #expect(report.heldBack == taken.heldBack)
    #expect(Set(report.tried.map(\.recipe)).count == report.tried.count)
  }

  @Test("with 8 bits all through, ranges follow a rule within 1 dB of the best on rows held back")
  func rangeRule() throws {
    var model = sampleFloatModel(.regression, widths: [6, 16, 1], rows: 256, seed: 20)
    // One feature of a row now and then is far out.
    for row in stride(from: 3, to: 256, by: 80) { model.calibration?.readings[row * 6] *= 30 }
    var settings = QuantizationSettings()
    (settings.inputWidth, settings.activations, settings.outputWidth) = (.eight, .eight, .eight)
    let automatic = try Int8Model.quantizing(model, settings).report.heldBack?.sqnr
    var rules: [Double?] = []
    for ranges in [QuantizationSettings.Ranges.margin, .minmax, .percentile] {
      settings.ranges = ranges
      rules.append(try Int8Model.quantizing(model, settings).report.heldBack?.sqnr)
    }
    #expect(rules.contains(automatic))
    #expect(try #require(automatic) >= (rules.compactMap { $0 }.max() ?? 0) - 1)
    // With 16 bits to take it is the margin.
    var wide = QuantizationSettings()
    let made = try Int8Model.quantizing(model, wide).model
    wide.ranges = .margin
    #expect(
      try Model.int8(Int8Model.quantizing(model, wide).model).serialized()
        == Model.int8(made).serialized())
  }

  @Test("raw readings of unlike units keep a scale for each feature")
  func rawReadings() throws {
    var model = sampleFloatModel(.regression, widths: [8, 12, 1], rows: 256, seed: 18)
    // The scaler moves into the first layer, as some converters leave it.
    for input in 0..<8 {
      let own = model.features[input]
      for output in 0..<12 {
        let weight = Double(model.layers[0].weights[output * 8 + input]) / own.scale
        model.layers[0].weights[output * 8 + input] = Float(weight)
        model.layers[0].bias[output] -= Float(weight * own.offset)
      }
      (model.features[input].offset, model.features[input].scale) = (0, 1)
    }
    let (quantized, report) = try Int8Model.quantizing(model, QuantizationSettings())
    #expect(quantized.input.contains { $0.inverseScale != quantized.input[0].inverseScale })
    let best = report.tried.compactMap(\.heldBack.sqnr).max() ?? 0
    let tensor = report.tried.filter { $0.recipe.inputScale == .tensor }
    #expect(best >= (tensor.compactMap(\.heldBack.sqnr).max() ?? 0) + 6)
  }

  @Test("bias correction leaves no mean error in a layer's sums")
  func biasCorrection() throws {
    let model = sampleFloatModel(.regression, widths: [6, 10, 3], rows: 300, seed: 15)
    func meanError(correctsBias: Bool) throws -> Double {
      var settings = settings()
      settings.correctsBias = correctsBias
      let quantized = try Int8Model.quantizing(model, settings).model
      let float = FloatInference(model)
      let integer = Int8Inference(quantized.image)
      let calibration = try #require(model.calibration)
      var sum = 0.0
      for row in 0..<calibration.rows {
        let readings = calibration.readings[row * 6..<row * 6 + 6]
        let exact = float.run(float.standardized(readings))
        let codes = integer.run(quantized.codes(readings))
        for (index, code) in codes.enumerated() {
          let scaling = model.task.targetScaling[index]
          let value = quantized.image.outputs[index].real(code)
          sum += (value - scaling.offset) / scaling.scale - Double(exact[index])
        }
      }
      return abs(sum) / Double(calibration.rows * 3)
    }
    // An accumulator step and an output step of rounding at most, in units of the output.
    #expect(try meanError(correctsBias: true) < 1e-3)
    #expect(try meanError(correctsBias: true) < meanError(correctsBias: false))
  }

  @Test("as many calibration rows pass the integer anomaly threshold as the float one")
  func anomalyThreshold() throws {
    var model = sampleFloatModel(
      .anomaly, widths: [9, 4, 9], activation: .tanh, rows: 400, seed: 16)
    let calibration = try #require(model.calibration)
    let float = FloatInference(model)
    let rows = (0..<calibration.rows).map { calibration.readings[$0 * 9..<$0 * 9 + 9] }
    let scores = rows.map { readings in
      let input = float.standardized(readings)
      return anomalyScore(input: input, output: float.run(input))
    }
    for share in [0.99, 0.9] {
      model.task.thresholds = [scores.sorted()[Int(share * 399)]]
      let quantized = try Int8Model.quantizing(model, settings()).model
      let integer = Int8Inference(quantized.image)
      let found = rows.count { readings in
        let codes = quantized.codes(readings)
        let output = integer.run(codes)
        return integer.score(input: codes, output: output) > quantized.image.scoreThreshold
      }
      #expect(found == scores.count { $0 > model.task.thresholds[0] })
    }
  }

  @Test("a threshold of probability one half is the code of logit zero")
  func threshold() throws {
    let model = sampleFloatModel(.binary, widths: [4, 3, 1], seed: 12)
    let image = try Int8Model.quantizing(model, settings(output: .eight)).model.image
    #expect(image.outputs[0].threshold == image.outputs[0].origin)
  }
}
