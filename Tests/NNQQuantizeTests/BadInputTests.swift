// SPDX-License-Identifier: Apache-2.0
import NNQFormat
import NNQTestSupport
import Testing

@testable import NNQQuantize

/// An error or a sound model, never a silent collapse.
@Suite struct BadInputTests {
  private func model(rows: Int = 200) -> FloatModel {
    sampleFloatModel(.regression, widths: [4, 8, 6, 1], rows: rows, seed: 91)
  }

  /// The output's decibels on the calibration rows; nil for a named error.
  private func outcome(_ model: FloatModel) throws -> Double? {
    do {
      let (quantized, report) = try Int8Model.quantizing(model, QuantizationSettings())
      try quantized.image.validate()
      return report.layers.last?.sqnr ?? .infinity
    } catch let error as QuantizationError {
      #expect(error != .noLayers)
      return nil
    }
  }

  @Test("readings that are not finite are an error", arguments: [Float.nan, .infinity])
  func notFinite(reading: Float) throws {
    var model = model()
    model.calibration?.readings[5] = reading
    #expect(try outcome(model) == nil)
  }

  @Test("a constant column, one row and two rows give a sound model", arguments: [1, 2, 200])
  func few(rows: Int) throws {
    var model = model(rows: rows)
    for row in 0..<rows { model.calibration?.readings[row * 4 + 1] = 3 }
    #expect(try outcome(model) ?? 99 > 20)
  }

  @Test("rows of zero count are an error")
  func none() throws {
    var model = model()
    model.calibration = CalibrationRows(rows: 0, readings: [])
    #expect(throws: QuantizationError.noCalibrationRows) {
      try Int8Model.quantizing(model, QuantizationSettings())
    }
  }

  @Test(
    "extreme weights give a named error or a model that keeps 20 dB",
    arguments: [Float(1e30), 1e10, 1e-30, Float.leastNonzeroMagnitude, 0])
  func extreme(weight: Float) throws {
    for layer in 0..<3 {
      var one = model()
      one.layers[layer].weights[0] = weight
      if let sqnr = try outcome(one) { #expect(sqnr > 20, "layer \(layer)") }
      var all = model()
      for index in 0..<all.layers[layer].inputs { all.layers[layer].weights[index] = weight }
      if let sqnr = try outcome(all) { #expect(sqnr > 20, "row of layer \(layer)") }
    }
  }
}
