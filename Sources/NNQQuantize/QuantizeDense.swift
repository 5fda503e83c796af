// SPDX-License-Identifier: Apache-2.0
import NNQFormat

/// Quantizes a dense layer for the codes that it takes in and the codes that it is to hand on.
///
/// - Parameters:
///   - width: of the weights.
///   - weightScales: whether the rows share one.
///   - rounding: how the weights' errors make up for each other, or nil.
///   - meanSums: `[outputs]` the float network's mean weighted sums over `rows`; each bias is moved
///     so that the quantized sums have the same mean (empirical bias correction: Nagel et al. 2019,
///     section 4.2, with the mean taken from calibration rows). Nil leaves the bias as it is.
///   - rows: those whose codes were not clipped: a clipped row's error is no offset of all others.
///   - outputDescent: how the codes are moved for the sake of the network's outputs, or nil.
///   - outputShifts: `[outputs]` what the codes are moved by, in output codes, or nil.
/// - Rounding: weights and biases to nearest, ties away from zero.
/// - Throws: ``QuantizationError/rowOutOfRange(layer:row:)``.
func quantizeDense(
  _ layer: FloatModel.Layer, _ incoming: IncomingCodes, _ activation: ActivationCodes, index: Int,
  width: WeightWidth, weightScales: QuantizationSettings.WeightScales, rounding: RowRounding?,
  meanSums: [Double]?, rows kept: [Int], outputShifts: [Double]?, outputDescent: OutputDescent?
) throws(QuantizationError) -> FlatImage.Layer {
  let inputs = layer.inputs
  var realBias = layer.bias.map(Double.init)
  if incoming.shifts.contains(where: { $0 != 0 }) {
    let weights = layer.weights
    for row in 0..<layer.outputs {
      for input in 0..<inputs {
        realBias[row] += Double(weights[row * inputs + input]) * incoming.shifts[input]
      }
    }
  }
  var rows = QuantizedRows(
    layer, inputScales: incoming.scales, zeroPoints: incoming.zeroPoints,
    inputWidth: incoming.width, bias: realBias,
    smallestStep: activation.sums.scale * 0x1p-30, width: width,
    weightScales: weightScales, rounding: rounding)
  outputDescent?.improve(
    &rows.weights, steps: rows.steps, largest: Double(width.range.upperBound))
  let means = incoming.meanOffsets(kept)
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
  return activation.layer(
    layer,
    .dense(
      FlatImage.Layer.Dense(
        bias: bias, factors: factors, weights: rows.weights, weightWidth: width)))
}
