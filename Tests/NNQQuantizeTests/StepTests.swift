// SPDX-License-Identifier: Apache-2.0
import NNQFormat
import NNQReference
import NNQTestSupport
import Testing

@testable import NNQQuantize

/// The single steps of the quantizer, each with its switch.
@Suite struct StepTests {
  /// The output's signal to noise on the calibration rows.
  private func sqnr(
    _ model: FloatModel, _ change: (inout QuantizationSettings) -> Void
  ) throws -> Double {
    var settings = QuantizationSettings()
    settings.inputWidth = .sixteen
    settings.activations = .eight
    change(&settings)
    return try #require(try Int8Model.quantizing(model, settings).report.layers.last?.sqnr)
  }

  @Test("the fast dense layer hands on what the plain loop does", arguments: [1, 7, 64, 321])
  func denseRows(inputs: Int) throws {
    let model = sampleFloatModel(
      .multiclass, widths: [inputs, 9, 4], activation: .tanh, rows: 40, seed: UInt64(inputs))
    for width in [QuantizationSettings.Width.eight, .sixteen] {
      var settings = QuantizationSettings()
      settings.inputWidth = width
      settings.activations = width
      let image = try Int8Model.quantizing(model, settings).model.image
      var random = TestRandom(seed: 5)
      let rows = (0..<30).map { _ in
        (0..<inputs).map { _ in
          Int16(Int.random(in: image.inputWidth.range, using: &random))
        }
      }
      var tensors = [Rows(rows)]
      for (index, layer) in image.layers.enumerated() {
        tensors.append(layer.handedOn(tensors, index: index))
      }
      #expect(tensors.last.map { Array($0) } == rows.map(Int8Inference(image).run))
    }
  }

  @Test("coordinate descent never leaves more error than it found, and mends 4-bit codes")
  func descent() throws {
    var random = TestRandom(seed: 31)
    let rows = (0..<120).map { _ in
      let cause = random.normal() * 40
      return (0..<16).map { _ in Int16(min(max(cause + random.normal() * 8, -128), 127)) }
    }
    let covariance = try #require(CodeCovariance(Rows(rows)))
    let descent = CoordinateDescent(covariance: covariance)
    for _ in 0..<50 {
      let weights = (0..<16).map { _ in Double.random(in: -7...7, using: &random) }
      let nearest = weights.map { $0.rounded(.toNearestOrAwayFromZero) }
      func error(_ codes: [Double]) -> Double {
        var sum = 0.0
        for i in 0..<16 {
          for j in 0..<16 {
            sum +=
              (weights[i] - codes[i]) * covariance.values[i * 16 + j]
              * (weights[j] - codes[j])
          }
        }
        return sum
      }
      var codes = nearest
      let left = descent.improve(&codes, of: weights, largest: 7)
      #expect(left <= error(nearest) * (1 + 1e-12))
      // The returned error is the one computed from its definition, but for rounding.
      #expect(abs(left - error(codes)) <= 1e-9 * error(nearest))
      #expect(codes.allSatisfy { abs($0) <= 7 })
    }
  }

  @Test("4-bit weights stay within 7 and gain from fitted rounding")
  func fourBits() throws {
    let model = sampleFloatModel(.regression, widths: [24, 32, 2], rows: 400, seed: 61)
    let nearest = try sqnr(model) {
      $0.weights = .four
      $0.rounding = .nearest
    }
    #expect(try sqnr(model) { $0.weights = .four } > nearest)
    var settings = QuantizationSettings()
    settings.weights = .four
    let image = try Int8Model.quantizing(model, settings).model.image
    for layer in image.layers {
      let dense = try #require(layer.dense)
      #expect(dense.weightWidth == .four)
      #expect(dense.weights.allSatisfy { WeightWidth.four.range.contains($0) })
    }
  }

  @Test(
    "one scale for a layer's weights is one, and costs where rows are of unlike size",
    arguments: QuantizationSettings.Weights.allCases)
  func weightScales(weights: QuantizationSettings.Weights) throws {
    var model = sampleFloatModel(.regression, widths: [8, 12, 2], rows: 300, seed: 64)
    // The first unit is 50 times as large, which the next layer takes back.
    for input in 0..<8 { model.layers[0].weights[input] *= 50 }
    for output in 0..<2 { model.layers[1].weights[output * 12] /= 50 }
    let rows = try sqnr(model) {
      $0.weights = weights
      $0.activations = .sixteen
    }
    #expect(
      try sqnr(model) {
        $0.weights = weights
        $0.activations = .sixteen
        $0.weightScales = .tensor
      } < rows - 3)
    var settings = QuantizationSettings()
    settings.weights = weights
    settings.weightScales = .tensor
    for layer in try Int8Model.quantizing(model, settings).model.image.layers {
      let factors = try #require(layer.dense).factors
      #expect(factors.allSatisfy { $0 == factors[0] })
    }
  }

  @Test("a covariance's solution solves it")
  func solution() throws {
    var random = TestRandom(seed: 32)
    let rows = (0..<40).map { _ in
      (0..<7).map { _ in Int16(Int.random(in: -100...100, using: &random)) }
    }
    let covariance = try #require(CodeCovariance(Rows(rows)))
    let feedback = try #require(ErrorFeedback(covariance))
    let known = (0..<7).map { Double($0) - 3.5 }
    let vector = (0..<7).map { row in
      (0..<7).reduce(0) { $0 + covariance.values[row * 7 + $1] * known[$1] }
    }
    for (found, known) in zip(feedback.solution(vector), known) {
      #expect(abs(found - known) < 1e-9)
    }
  }

  @Test("each step of 4-bit weights gains where it is made for, and its switch takes it out")
  func fourBitSteps() throws {
    let model = sampleFloatModel(.regression, widths: [8, 24, 20, 1], rows: 400, seed: 67)
    let all = try sqnr(model) { $0.weights = .four }
    let none = try sqnr(model) {
      $0.weights = .four
      $0.carriesErrors = false
      $0.descendsOnOutput = false
    }
    #expect(all > none)
    for change: (inout QuantizationSettings) -> Void in [
      { $0.carriesErrors = false }, { $0.descendsOnOutput = false },
    ] {
      #expect(
        try sqnr(model) {
          $0.weights = .four
          change(&$0)
        } != all)
    }
  }

  @Test("the slopes of outputs are those of small changes of a layer's sums")
  func slopes() throws {
    let model = sampleFloatModel(
      .regression, widths: [5, 6, 4, 2], activation: .tanh, rows: 20, seed: 68)
    let pass = try CalibrationPass(model, try #require(model.calibration))
    let slopes = try #require(OutputSlopes(model, pass, ofLayer: 1))
    // What a bias adds to the sums.
    for unit in 0..<4 {
      var moved = model
      moved.layers[1].bias[unit] += 0.0078125
      let other = try CalibrationPass(moved, try #require(model.calibration))
      for row in 0..<20 {
        for output in 0..<2 {
          let change = Double(other.outputs[2][row][output] - pass.outputs[2][row][output])
          let slope = slopes.values[(row * 2 + output) * 4 + unit]
          #expect(abs(change / 0.0078125 - slope) < 0.02 * max(abs(slope), 0.5))
        }
      }
    }
  }

  @Test("mixed weights lie between 4 and 8 bits in size and in error")
  func mixed() throws {
    let model = sampleFloatModel(.regression, widths: [24, 32, 30, 2], rows: 400, seed: 62)
    let four = try sqnr(model) { $0.weights = .four }
    let mixed = try sqnr(model) { $0.weights = .mixed }
    let eight = try sqnr(model) { $0.weights = .eight }
    #expect(four <= mixed && mixed <= eight)
  }

  @Test("mixed weights leave no layer at 4 bits that 65 % of the bytes do not ask for")
  func mixedChoice() {
    let model = sampleFloatModel(.regression, widths: [20, 40, 10, 20, 2], seed: 63)
    let sizes = model.layers.map { Double($0.weights.count) }
    let base = Recipe(
      model, inputScale: .tensor, inputWidth: .eight, hidden: .eight, output: .sixteen,
      weights: .eight)
    func left(_ recipe: Recipe) -> Double {
      recipe.weights.indices.reduce(0) {
        $0 + sizes[$1] * (recipe.weights[$1] == .four ? 0.5 : 1)
      } / sizes.reduce(0, +)
    }
    // 800, 400, 200 and 40 weights, of which 504 are to be spared.
    for ranked in [[3, 2, 1, 0], [0, 1, 2, 3], [2, 0, 3, 1], [1, 3, 0, 2]] {
      let recipe = base.mixed(model, ranked)
      #expect(left(recipe) <= 0.65)
      for layer in ranked where recipe.weights[layer] == .four {
        var fewer = recipe
        fewer.weights[layer] = .eight
        #expect(left(fewer) > 0.65, "\(ranked), \(layer)")
      }
    }
  }

  @Test("16-bit activations gain at least 6 dB where 8-bit ones are what limits a model")
  func wideActivations() throws {
    var model = sampleFloatModel(.regression, widths: [6, 12, 12, 12, 2], rows: 300, seed: 63)
    // Weights that 8 bits hold exactly, so that they are not what limits it.
    for layer in model.layers.indices {
      for index in model.layers[layer].weights.indices {
        model.layers[layer].weights[index] =
          [0.5, -0.5, 0, 0.5][(index * 7 + index / 5 + layer) % 4]
      }
    }
    let narrow = try sqnr(model) { $0.activations = .eight }
    #expect(try sqnr(model) { $0.activations = .sixteen } >= narrow + 6)
  }

  @Test("a table of 16-bit codes ahead of 8-bit ones is better than one of 8-bit codes")
  func fineTables() throws {
    let model = sampleFloatModel(
      .regression, widths: [6, 16, 2], activation: .tanh, rows: 300, seed: 64)
    let coarse = try sqnr(model) { $0.takesFineTables = false }
    #expect(try sqnr(model) { $0.takesFineTables = true } > coarse)
  }

  @Test("every rule of ranges gives a sound model", arguments: QuantizationSettings.Ranges.allCases)
  func ranges(rule: QuantizationSettings.Ranges) throws {
    let model = sampleFloatModel(.multiclass, widths: [6, 16, 4], rows: 300, seed: 65)
    // Rules that clip lose what they clip, but a sound model is far from noise.
    #expect(try sqnr(model) { $0.ranges = rule } > 10)
  }

  @Test(
    "the least squared error and the percentile clip a single value far out, the extremes keep it")
  func clipping() {
    var rows: [[Float]] = (0..<400).map { row in
      (0..<60).map { column in Float((column * 31 + row * 17) % 201) - 100 }
    }
    rows[7][3] = 100_000
    func range(_ rule: QuantizationSettings.Ranges, _ width: CodeWidth) -> ClosedRange<Double> {
      let rows = Rows(rows)
      return rule.range(rows, extremes: rows.range, width: width)
    }
    for rule in [QuantizationSettings.Ranges.percentile, .entropy] {
      #expect(range(rule, .eight).upperBound < 50_000)
      #expect(range(rule, .sixteen).upperBound == 100_000)
    }
    #expect(range(.minmax, .eight).upperBound == 100_000)
    // One square of 75,000 weighs less than 24,000 of the steps that it would make four times wider.
    rows[7][3] = 500
    #expect(range(.mse, .eight).upperBound <= 500)
  }

  @Test("the moving average lies within the extremes")
  func movingAverage() {
    let rows = Rows((0..<128).map { row in [Float(row), Float(-row)] })
    let range = QuantizationSettings.Ranges.ema.range(rows, extremes: rows.range, width: .eight)
    // Batches of 32 rows end at 31, 63, 95, 127: 31, then 34.2, 40.28, 48.952.
    #expect(abs(range.upperBound - 48.952) < 1e-9)
    #expect(abs(range.lowerBound + 48.952) < 1e-9)
  }

  @Test("a clipped row does not move the biases of all others")
  func clippedRows() throws {
    var model = sampleFloatModel(.regression, widths: [6, 12, 2], rows: 400, seed: 66)
    // Three rows far out, which the percentile leaves out of the range.
    for row in [11, 150, 333] {
      for column in 0..<6 { model.calibration?.readings[row * 6 + column] *= 40 }
    }
    let calibration = try #require(model.calibration)
    var settings = QuantizationSettings()
    settings.inputWidth = .eight
    settings.activations = .eight
    settings.inputScale = .tensor
    settings.ranges = .percentile
    func meanError(correctsBias: Bool) throws -> Double {
      settings.correctsBias = correctsBias
      let quantized = try Int8Model.quantizing(model, settings).model
      let float = FloatInference(model)
      var sum = 0.0
      for row in 0..<400 where ![11, 150, 333].contains(row) {
        let readings = calibration.readings[row * 6..<row * 6 + 6]
        let exact = float.run(float.standardized(readings))
        let codes = Int8Inference(quantized.image).run(quantized.codes(readings))
        let scaling = model.task.targetScaling[0]
        sum +=
          (quantized.image.outputs[0].real(codes[0]) - scaling.offset) / scaling.scale
          - Double(exact[0])
      }
      return abs(sum / 397)
    }
    // A bias that took up the clipped rows would be off by their error over 400: more than this.
    #expect(try meanError(correctsBias: true) < 0.02)
  }
}
