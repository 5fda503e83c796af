// SPDX-License-Identifier: Apache-2.0
import NNQFormat
import NNQTestSupport
import Testing

@testable import NNQQuantize

/// What the order of the calibration rows may and may not move.
@Suite struct OrderTests {
  @Test(
    "with a fixed recipe any order of the rows gives the same bytes",
    arguments: [ModelTask.Kind.regression, .anomaly, .multiclass])
  func permuted(kind: ModelTask.Kind) throws {
    let inputs = 6
    let model = sampleFloatModel(
      kind, widths: [inputs, 9, kind == .anomaly ? inputs : 3], activation: .tanh, rows: 200,
      seed: 71)
    let calibration = try #require(model.calibration)
    var random = TestRandom(seed: 72)
    var settings = QuantizationSettings()
    settings.inputWidth = .eight
    settings.inputScale = .blend
    settings.activations = .eight
    for ranges in QuantizationSettings.Ranges.allCases where ranges != .ema {
      settings.ranges = ranges
      let expected = try Int8Model.quantizing(model, settings).model.image
      for _ in 0..<3 {
        let order = (0..<calibration.rows).shuffled(using: &random)
        let rows = CalibrationRows(
          rows: calibration.rows,
          readings: order.flatMap { calibration.readings[$0 * inputs..<($0 + 1) * inputs] })
        #expect(
          try Int8Model.quantizing(model, settings, calibration: rows).model.image == expected)
      }
    }
  }

  @Test(
    "no number of threads and no way of handing the rows over moves a byte",
    arguments: [ModelTask.Kind.multiclass, .anomaly])
  func threads(kind: ModelTask.Kind) throws {
    let inputs = 7
    let model = sampleFloatModel(
      kind, widths: [inputs, 12, 9, kind == .anomaly ? inputs : 3], rows: 200, seed: 74)
    let calibration = try #require(model.calibration)
    for weights in QuantizationSettings.Weights.allCases {
      var settings = QuantizationSettings()
      settings.weights = weights
      let expected = try Model.int8(Int8Model.quantizing(model, settings).model).serialized()
      for threads in [2, 3, 8] {
        settings.threads = threads
        // The same rows, put together from so many pieces.
        var pieces: [Float] = []
        for part in 0..<threads {
          let span =
            part * calibration.rows / threads..<(part + 1) * calibration.rows / threads
          pieces += calibration.readings[span.lowerBound * inputs..<span.upperBound * inputs]
        }
        let made = try Int8Model.quantizing(
          model, settings,
          calibration: CalibrationRows(rows: calibration.rows, readings: pieces)
        ).model
        #expect(try Model.int8(made).serialized() == expected, "\(weights), \(threads) threads")
      }
    }
  }

  @Test("the mean of sums does not depend on the order, and is that of binary64 but for rounding")
  func means() throws {
    let model = sampleFloatModel(.regression, widths: [4, 8, 1], rows: 300, seed: 73)
    let pass = try CalibrationPass(model, try #require(model.calibration))
    let forward = pass.meanSums(ofLayer: 0, rows: Array(0..<300))
    #expect(forward == pass.meanSums(ofLayer: 0, rows: (0..<300).reversed()))
    let largest = pass.sums[0].joined().map(abs).max() ?? 0
    for output in 0..<8 {
      let plain = pass.sums[0].reduce(0.0) { $0 + Double($1[output]) } / 300
      #expect(abs(forward[output] - plain) <= Double(largest) * 0x1p-36)
    }
  }
}
