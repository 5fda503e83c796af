// SPDX-License-Identifier: Apache-2.0
import NNQFormat

/// What a layer takes in: the calibration rows in codes and how the codes stand for values,
/// `real = scale * (code - zeroPoint) + shift`.
struct IncomingCodes {
  /// `[rows][inputs]`
  let rows: [[Int16]]
  let width: CodeWidth
  /// `[inputs]`
  let scales: [Double]
  let zeroPoints: [Int]
  let shifts: [Double]

  init(
    rows: [[Int16]], width: CodeWidth, scales: [Double], zeroPoints: [Int], shifts: [Double]
  ) {
    self.rows = rows
    self.width = width
    self.scales = scales
    self.zeroPoints = zeroPoints
    self.shifts = shifts
  }

  init(rows: [[Int16]], codes: AffineCodes, count: Int) {
    self.init(
      rows: rows, width: codes.width, scales: Array(repeating: codes.scale, count: count),
      zeroPoints: Array(repeating: codes.zeroPoint, count: count),
      shifts: Array(repeating: 0, count: count))
  }

  /// `[inputs]`, the mean of `code - zeroPoint` over the rows.
  var meanOffsets: [Double] {
    var sums = [Int](repeating: 0, count: scales.count)
    for row in rows {
      for (index, code) in row.enumerated() { sums[index] += Int(code) }
    }
    return zip(sums, zeroPoints).map { Double($0) / Double(rows.count) - Double($1) }
  }
}

/// Quantizes one layer for the codes that it takes in and the codes that it is to hand on.
///
/// - Parameters:
///   - feedback: how rounding errors are handed on, or nil.
///   - meanSums: `[outputs]` the float network's mean weighted sums; each bias is moved so that the
///     quantized sums have the same mean (empirical bias correction: Nagel et al. 2019, section 4.2,
///     with the mean taken from calibration rows). Nil leaves the bias as it is.
///   - outputShifts: `[outputs]` what the codes are moved by, in output codes, or nil.
/// - Rounding: weights and biases to nearest, ties away from zero.
/// - Throws: ``QuantizationError/rowOutOfRange(layer:row:)``.
func quantizeLayer(
  _ layer: FloatModel.Layer, _ incoming: IncomingCodes, _ activation: ActivationCodes, index: Int,
  feedback: ErrorFeedback?, meanSums: [Double]?, outputShifts: [Double]?
) throws(QuantizationError) -> FlatImage.Layer {
  let inputs = layer.inputs
  let realBias = (0..<layer.outputs).map { row in
    (0..<inputs).reduce(Double(layer.bias[row])) {
      $0 + Double(layer.weights[row * inputs + $1]) * incoming.shifts[$1]
    }
  }
  let rows = QuantizedRows(
    layer, inputScales: incoming.scales, inputWidth: incoming.width, bias: realBias,
    smallestStep: activation.sums.scale * 0x1p-30, feedback: feedback)
  let means = incoming.meanOffsets
  var bias: [Int32] = []
  var factors: [FixedPointMultiplier] = []
  for row in 0..<layer.outputs {
    let weights = rows.weights[row * inputs..<(row + 1) * inputs]
    var exact = rows.bias[row]
    if let meanSums {
      // The weighted sum is linear in the codes, so its mean is the sum over the mean codes.
      exact =
        meanSums[row] / rows.steps[row] - zip(weights, means).reduce(0) { $0 + Double($1.0) * $1.1 }
    }
    if let outputShifts { exact += outputShifts[row] * activation.sums.scale / rows.steps[row] }
    let folded = zip(weights, incoming.zeroPoints).reduce(0) { $0 + Int($1.0) * $1.1 }
    let total = exact.rounded(.toNearestOrAwayFromZero) - Double(folded)
    guard total.magnitude <= 0x1p30,
      let factor = FixedPointMultiplier(rows.steps[row] / activation.sums.scale)
    else { throw .rowOutOfRange(layer: index, row: row) }
    bias.append(Int32(total))
    factors.append(factor)
  }
  return FlatImage.Layer(
    inputs: inputs, outputs: layer.outputs, activation: layer.activation.kind,
    outputWidth: activation.output.width, zeroPoint: Int16(activation.sums.zeroPoint),
    lowest: Int16(activation.lowest), highest: Int16(activation.highest), bias: bias,
    factors: factors, weights: rows.weights, table: activation.table)
}
