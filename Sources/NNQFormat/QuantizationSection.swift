// SPDX-License-Identifier: Apache-2.0

/// The payload of the section quantization.
func quantizationPayload(_ model: Int8Model) -> [UInt8] {
  var writer = ByteWriter()
  for input in model.input {
    writer.double(input.offset)
    writer.double(input.inverseScale)
    writer.integer(input.zeroPoint)
  }
  for tensor in model.tensors {
    writer.double(tensor.scale)
    writer.integer(tensor.zeroPoint)
  }
  return writer.bytes
}

func readQuantization(
  _ bytes: [UInt8], _ image: FlatImage
) throws(ModelFormatError) -> ([Int8Model.Input], [Int8Model.Tensor]) {
  var reader = ByteReader(.quantization, bytes)
  var input: [Int8Model.Input] = []
  for index in 0..<image.inputs {
    let offset = try reader.double("offset", index)
    let inverseScale = try reader.double("inverse scale", index)
    guard inverseScale > 0 else {
      throw reader.invalid("inverse scale", index, found: inverseScale)
    }
    input.append(
      Int8Model.Input(
        offset: offset, inverseScale: inverseScale, zeroPoint: try reader.integer()))
  }
  var tensors: [Int8Model.Tensor] = []
  for index in 0..<image.layers.count {
    let scale = try reader.double("scale", index)
    guard scale > 0 else { throw reader.invalid("scale", index, found: scale) }
    tensors.append(Int8Model.Tensor(scale: scale, zeroPoint: try reader.integer()))
  }
  try reader.end()
  return (input, tensors)
}
