// SPDX-License-Identifier: Apache-2.0
import NNQFormat

/// Quantizes a gate for the codes that it takes in; its product is written in `output`.
///
/// - Throws: ``QuantizationError/rowOutOfRange(layer:row:)``.
func quantizeGate(
  _ layer: FloatModel.Layer, _ incoming: AffineCodes, output: AffineCodes, index: Int
) throws(QuantizationError) -> FlatImage.Layer {
  let made =
    layer.activation == .identity
    ? nil
    : CodeTable(
      layer.activation, of: incoming, handingOn: incoming.width)
  let first = made?.output ?? incoming
  guard let factor = FixedPointMultiplier(first.scale * incoming.scale / output.scale) else {
    throw .rowOutOfRange(layer: index, row: 0)
  }
  return FlatImage.Layer(
    inputs: layer.inputs, outputs: layer.outputs, activation: layer.activation.kind,
    outputWidth: output.width, zeroPoint: Int16(output.zeroPoint),
    lowest: Int16(output.width.range.lowerBound), highest: Int16(output.width.range.upperBound),
    operation: .gate(
      FlatImage.Layer.Gate(
        factor: factor, firstZeroPoint: Int16(first.zeroPoint),
        secondZeroPoint: Int16(incoming.zeroPoint))),
    table: made?.table)
}
