// SPDX-License-Identifier: Apache-2.0
import NNQFormat

/// Quantizes an add for the codes of both tensors and the codes that it is to hand on.
///
/// - Rounding: the coarser tensor's gain is exact, the other's is rounded to nearest.
/// - Throws: ``QuantizationError/rowOutOfRange(layer:row:)``.
func quantizeAdd(
  _ layer: FloatModel.Layer, source: Int, _ incoming: AffineCodes, _ other: AffineCodes,
  _ activation: ActivationCodes, index: Int
) throws(QuantizationError) -> FlatImage.Layer {
  let largest = Double(FlatImage.Layer.Add.largestGain)
  let step = max(incoming.scale, other.scale) / largest
  let gain = (incoming.scale / step).rounded(.toNearestOrAwayFromZero)
  let sourceGain = (other.scale / step).rounded(.toNearestOrAwayFromZero)
  guard let factor = FixedPointMultiplier(step / activation.sums.scale) else {
    throw .rowOutOfRange(layer: index, row: 0)
  }
  // At most 2 * 2^14 * 2^7 in size: 16-bit codes have no zero point.
  let bias = -(Int(gain) * incoming.zeroPoint + Int(sourceGain) * other.zeroPoint)
  return activation.layer(
    layer,
    .add(
      FlatImage.Layer.Add(
        source: source, bias: Int32(bias), factor: factor, gain: Int16(gain),
        sourceGain: Int16(sourceGain))))
}
