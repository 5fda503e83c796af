// SPDX-License-Identifier: Apache-2.0
import NNQFormat
import NNQReference

/// What the float network does on the calibration rows: the marks that quantization is held to.
struct CalibrationPass: Sendable {
  /// `[rows][features]`, as the sensors give them.
  let readings: Rows<Float>
  /// `[rows][features]`, standardized.
  let inputs: Rows<Float>
  /// `[layers][rows][outputs]`, what each layer computes before its activation.
  let sums: [Rows<Float>]
  /// `[layers][rows][outputs]`, what each layer hands on.
  let outputs: [Rows<Float>]
  /// `[features]`, the extremes of ``inputs``.
  let inputRanges: [ClosedRange<Double>]
  /// `[layers]`, the extremes of ``sums``.
  let sumRanges: [ClosedRange<Double>]
  /// `[layers]`, the extremes of ``outputs``.
  let outputRanges: [ClosedRange<Double>]

  var rows: Int { inputs.count }

  private init(
    readings: Rows<Float>, inputs: Rows<Float>, sums: [Rows<Float>], outputs: [Rows<Float>]
  ) {
    self.readings = readings
    self.inputs = inputs
    self.sums = sums
    self.outputs = outputs
    inputRanges = inputs.columnRanges
    sumRanges = sums.map(\.range)
    outputRanges = outputs.map(\.range)
  }

  /// - Throws: ``QuantizationError`` when a reading or a layer's output is not finite.
  init(
    _ model: FloatModel, _ calibration: CalibrationRows, threads: Int = 1
  ) throws(QuantizationError) {
    let width = model.inputs
    guard calibration.rows > 0 else { throw .noCalibrationRows }
    precondition(calibration.readings.count == calibration.rows * width)
    let readings = Rows(columns: width, values: calibration.readings)
    if !readings.isFinite, let index = readings.values.firstIndex(where: { !$0.isFinite }) {
      throw .badReading(row: index / width, feature: model.features[index % width].name)
    }
    let inference = FloatInference(model)
    let inputs = Rows(columns: width, values: inference.standardizedRows(readings.values))
    var tensors = [inputs]
    var allSums: [Rows<Float>] = []
    for (index, layer) in model.layers.enumerated() {
      let sums = inference.sums(of: index, tensors, threads: threads)
      let values = inference.values(of: index, layer, for: sums)
      guard sums.isFinite, values.isFinite else { throw .notFinite(layer: index) }
      allSums.append(sums)
      tensors.append(values)
    }
    self.init(
      readings: readings, inputs: inputs, sums: allSums, outputs: Array(tensors.dropFirst()))
  }

  /// Some of the rows of another pass.
  init(_ pass: CalibrationPass, rows: [Int]) {
    self.init(
      readings: pass.readings.rows(rows), inputs: pass.inputs.rows(rows),
      sums: pass.sums.map { $0.rows(rows) }, outputs: pass.outputs.map { $0.rows(rows) })
  }

  /// `[outputs]`, the mean over some rows of what a layer computes before its activation.
  ///
  /// - Rounding: each value to 2^-36 of the largest, half to even, so that the sums of 2^16 rows are
  ///   exact and no order of the rows moves the mean.
  func meanSums(ofLayer layer: Int, rows: [Int]) -> [Double] {
    let sums = sums[layer]
    let columns = sums.columns
    var totals = [Double](repeating: 0, count: columns)
    let range = sumRanges[layer]
    let largest = Float(max(-range.lowerBound, range.upperBound))
    guard largest > 0 else { return totals }
    // Adding and taking off 1.5 * 2^52 units rounds to whole units.
    let unit = Double(sign: .plus, exponent: Int(largest.exponent) - 36, significand: 1)
    let rounder = 0x1.8p52 * unit
    unsafe totals.withUnsafeMutableBufferPointer { totals in
      unsafe sums.values.withUnsafeBufferPointer { values in
        for row in rows {
          let values = values.extracting(row * columns..<(row + 1) * columns)
          for column in 0..<columns {
            unsafe totals[column] += (Double(values[column]) + rounder) - rounder
          }
        }
      }
    }
    return totals.map { $0 / Double(rows.count) }
  }
}

extension FloatInference {
  /// What a layer computes before its activation.
  ///
  /// - Parameter tensors: the standardized rows and what each layer before this one hands on.
  func sums(of index: Int, _ tensors: [Rows<Float>], threads: Int = 1) -> Rows<Float> {
    let rows = tensors[index]
    if let outputs = denseOutputs(of: index) {
      let sums = rowsInParts(
        rows.count, columns: outputs, products: rows.values.count * outputs, threads: threads
      ) { range in
        denseSums(of: index, rows: rows.values, in: range)
      }
      return Rows(columns: outputs, values: sums)
    }
    return Rows(tensors[index].indices.map { row in sums(of: index, tensors.map { $0[row] }) })
  }

  /// What a layer hands on for its sums.
  func values(
    of index: Int, _ layer: FloatModel.Layer, for sums: Rows<Float>
  ) -> Rows<Float> {
    if layer.operation.kind == .gate { return Rows(sums.map { values(of: index, for: $0) }) }
    return Rows(columns: sums.columns, values: values(of: index, for: sums.values))
  }
}
