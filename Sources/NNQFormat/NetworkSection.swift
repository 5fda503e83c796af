// SPDX-License-Identifier: Apache-2.0

/// The payload of the section float network.
func floatNetworkPayload(_ layers: [FloatModel.Layer], inputs: Int) -> [UInt8] {
  var writer = ByteWriter()
  writer.integer(UInt16(clamping: inputs))
  writer.integer(UInt16(clamping: layers.count))
  writer.zeros(4)
  for layer in layers {
    writer.integer(UInt8(1))
    writer.integer(layer.activation.rawValue)
    writer.zeros(2)
    writer.integer(UInt16(clamping: layer.inputs))
    writer.integer(UInt16(clamping: layer.outputs))
  }
  for layer in layers {
    for weight in layer.weights { writer.float(weight) }
    for bias in layer.bias { writer.float(bias) }
  }
  return writer.bytes
}

func readFloatNetwork(_ bytes: [UInt8]) throws(ModelFormatError) -> [FloatModel.Layer] {
  var reader = ByteReader(.floatNetwork, bytes)
  let inputs = Int(try reader.integer(UInt16.self))
  let count = Int(try reader.integer(UInt16.self))
  guard inputs > 0 else { throw reader.invalid("inputs", found: inputs) }
  guard (1...FormatLimit.layers).contains(count) else {
    throw reader.invalid("layers", found: count)
  }
  try reader.zeros(4)
  var shapes: [(activation: Activation, inputs: Int, outputs: Int)] = []
  var width = inputs
  for index in 0..<count {
    let operation = try reader.integer(UInt8.self)
    guard operation == 1 else { throw reader.invalid("operation", index, found: operation) }
    let activation = try reader.activation(index)
    try reader.zeros(2, index)
    let inputs = Int(try reader.integer(UInt16.self))
    let outputs = Int(try reader.integer(UInt16.self))
    guard inputs == width else { throw reader.invalid("layer inputs", index, found: inputs) }
    guard outputs > 0 else { throw reader.invalid("layer outputs", index, found: outputs) }
    shapes.append((activation, inputs, outputs))
    width = outputs
  }
  var layers: [FloatModel.Layer] = []
  for (index, shape) in shapes.enumerated() {
    let weights = try reader.floats(shape.inputs * shape.outputs, "weight", index)
    let bias = try reader.floats(shape.outputs, "bias", index)
    layers.append(
      FloatModel.Layer(
        inputs: shape.inputs, outputs: shape.outputs, weights: weights, bias: bias,
        activation: shape.activation))
  }
  try reader.end()
  return layers
}

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
