// SPDX-License-Identifier: Apache-2.0
import NNQFormat

/// Quantizes a layer norm for the codes that it takes in and the codes that it is to hand on.
///
/// A row's gain is 127 codes of its step unless its bias asks for a wider step, so a gamma loses
/// nothing.
/// - Rounding: gains and biases to nearest, ties away from zero.
/// - Throws: ``QuantizationError/rowOutOfRange(layer:row:)``.
func quantizeLayerNorm(
  _ layer: FloatModel.Layer, gamma: [Float], beta: [Float], epsilon: Float,
  _ incoming: AffineCodes, _ activation: ActivationCodes, index: Int
) throws(QuantizationError) -> FlatImage.Layer {
  var bias: [Int32] = []
  var gain: [Int8] = []
  var factors: [FixedPointMultiplier] = []
  for row in 0..<layer.outputs {
    let (slope, offset) = (Double(gamma[row]), Double(beta[row]))
    // The normalized value comes in units of 2^-15.
    let step = max(
      abs(slope) / (127 * 0x1p15),
      // The bias has to stay within 2^30.
      abs(offset) / 0x1p29,
      // The multiplier has to stay in range where both are 0 or next to it.
      activation.sums.scale * 0x1p-30)
    guard let factor = FixedPointMultiplier(step / activation.sums.scale) else {
      throw .rowOutOfRange(layer: index, row: row)
    }
    gain.append(Int8((slope / (step * 0x1p15)).rounded(.toNearestOrAwayFromZero)))
    bias.append(Int32((offset / step).rounded(.toNearestOrAwayFromZero)))
    factors.append(factor)
  }
  let count = Double(layer.inputs)
  let unit = count / incoming.scale
  let steps = (Double(epsilon) * unit * unit).rounded(.toNearestOrAwayFromZero)
  return activation.layer(
    layer,
    .layerNorm(
      FlatImage.Layer.LayerNorm(
        bias: bias, factors: factors, gain: gain, epsilon: UInt64(min(max(steps, 1), 0x1p61)))))
}
