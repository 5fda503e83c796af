// SPDX-License-Identifier: Apache-2.0
import NNQFormat
import NNQReference

/// What the float network does on the calibration rows: the marks that quantization is held to.
struct CalibrationPass: Sendable {
  /// `[rows]` readings of `[features]`, as the sensors give them.
  let readings: [ArraySlice<Float>]
  /// `[rows][features]`, standardized.
  let inputs: [[Float]]
  /// `[layers][rows][outputs]`, what each layer computes before its activation.
  let sums: [[[Float]]]
  /// `[layers][rows][outputs]`, what each layer hands on.
  let outputs: [[[Float]]]

  var rows: Int { inputs.count }

  /// - Throws: ``QuantizationError`` when a reading or a layer's output is not finite.
  init(_ model: FloatModel, _ calibration: CalibrationRows) throws(QuantizationError) {
    let width = model.inputs
    guard calibration.rows > 0 else { throw .noCalibrationRows }
    precondition(calibration.readings.count == calibration.rows * width)
    for (index, reading) in calibration.readings.enumerated() where !reading.isFinite {
      throw .badReading(row: index / width, feature: model.features[index % width].name)
    }
    let inference = FloatInference(model)
    readings = (0..<calibration.rows).map {
      calibration.readings[$0 * width..<($0 + 1) * width]
    }
    inputs = readings.map(inference.standardized)
    var tensors = inputs.map { [$0] }
    var allSums: [[[Float]]] = []
    var outputs: [[[Float]]] = []
    for index in model.layers.indices {
      let sums = tensors.map { inference.sums(of: index, $0) }
      let values = sums.map { inference.values(of: index, for: $0) }
      guard (sums + values).allSatisfy({ $0.allSatisfy(\.isFinite) }) else {
        throw .notFinite(layer: index)
      }
      allSums.append(sums)
      outputs.append(values)
      for (row, value) in values.enumerated() { tensors[row].append(value) }
    }
    sums = allSums
    self.outputs = outputs
  }

  /// Some of the rows of another pass.
  init(_ pass: CalibrationPass, rows: [Int]) {
    readings = rows.map { pass.readings[$0] }
    inputs = rows.map { pass.inputs[$0] }
    sums = pass.sums.map { layer in rows.map { layer[$0] } }
    outputs = pass.outputs.map { layer in rows.map { layer[$0] } }
  }

  /// `[outputs]`, the mean over some rows of what a layer computes before its activation.
  ///
  /// - Rounding: each value to 2^-36 of the largest, so that the sums are exact and no order of the
  ///   rows moves the mean.
  func meanSums(ofLayer layer: Int, rows: [Int]) -> [Double] {
    let count = sums[layer].first?.count ?? 0
    var largest: Float = 0
    for row in rows { for value in sums[layer][row] { largest = max(largest, abs(value)) } }
    guard largest > 0 else { return Array(repeating: 0, count: count) }
    let unit = Double(sign: .plus, exponent: Int(largest.exponent) - 36, significand: 1)
    var totals = [Int64](repeating: 0, count: count)
    for row in rows {
      for (output, value) in sums[layer][row].enumerated() {
        totals[output] += Int64((Double(value) / unit).rounded())
      }
    }
    return totals.map { Double($0) * unit / Double(rows.count) }
  }
}
