// SPDX-License-Identifier: Apache-2.0
import NNQFormat
import NNQReference

/// What the float network does on the calibration rows: the marks that quantization is held to.
struct CalibrationPass: Sendable {
  let rows: Int
  /// `[rows]` readings of `[features]`, as the sensors give them.
  let readings: [ArraySlice<Float>]
  /// `[rows][features]`, standardized.
  let inputs: [[Float]]
  /// `[layers][rows][outputs]`, what each layer hands on.
  let outputs: [[[Float]]]
  /// `[layers][outputs]`, the mean over the rows of each sum before the activation.
  let meanSums: [[Double]]
  /// `[layers]`, the sums' range over rows and outputs.
  let sumRanges: [ClosedRange<Double>]
  /// `[layers]`, the range of what the layer hands on.
  let outputRanges: [ClosedRange<Double>]

  /// - Throws: ``QuantizationError`` when a reading or a layer's output is not finite.
  init(_ model: FloatModel, _ calibration: CalibrationRows) throws(QuantizationError) {
    let width = model.inputs
    guard calibration.rows > 0 else { throw .noCalibrationRows }
    precondition(calibration.readings.count == calibration.rows * width)
    for (index, reading) in calibration.readings.enumerated() where !reading.isFinite {
      throw .badReading(row: index / width, feature: model.features[index % width].name)
    }
    let inference = FloatInference(model)
    rows = calibration.rows
    readings = (0..<rows).map { calibration.readings[$0 * width..<($0 + 1) * width] }
    inputs = readings.map(inference.standardized)

    var tensors = inputs.map { [$0] }
    var outputs: [[[Float]]] = []
    var meanSums: [[Double]] = []
    var sumRanges: [ClosedRange<Double>] = []
    var outputRanges: [ClosedRange<Double>] = []
    for index in model.layers.indices {
      let sums = tensors.map { inference.sums(of: index, $0) }
      let values = sums.map { inference.values(of: index, for: $0) }
      guard (sums + values).allSatisfy({ $0.allSatisfy(\.isFinite) }) else {
        throw .notFinite(layer: index)
      }
      meanSums.append(
        (sums.first ?? []).indices.map { output in
          sums.reduce(0.0) { $0 + Double($1[output]) } / Double(sums.count)
        })
      sumRanges.append(Self.range(sums))
      outputRanges.append(Self.range(values))
      outputs.append(values)
      for (row, value) in values.enumerated() { tensors[row].append(value) }
    }
    self.outputs = outputs
    self.meanSums = meanSums
    self.sumRanges = sumRanges
    self.outputRanges = outputRanges
  }

  private static func range(_ rows: [[Float]]) -> ClosedRange<Double> {
    let low = rows.lazy.compactMap { $0.min() }.min() ?? 0
    let high = rows.lazy.compactMap { $0.max() }.max() ?? 0
    return Double(low)...Double(high)
  }
}
