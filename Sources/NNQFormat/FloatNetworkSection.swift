// SPDX-License-Identifier: Apache-2.0

/// The payload of the section float network.
func floatNetworkPayload(_ layers: [FloatModel.Layer], inputs: Int) -> [UInt8] {
  var writer = ByteWriter()
  writer.integer(UInt16(clamping: inputs))
  writer.integer(UInt16(clamping: layers.count))
  writer.zeros(4)
  for layer in layers {
    writer.integer(layer.operation.kind.rawValue)
    writer.integer(layer.activation.kind.rawValue)
    if case .add(let source) = layer.operation {
      writer.integer(UInt16(clamping: source))
    } else {
      writer.zeros(2)
    }
    writer.integer(UInt16(clamping: layer.inputs))
    writer.integer(UInt16(clamping: layer.outputs))
  }
  for layer in layers {
    switch layer.operation {
    case .dense(let weights, let bias):
      for value in weights { writer.float(value) }
      for value in bias { writer.float(value) }
    case .layerNorm(let gamma, let beta, let epsilon):
      for value in gamma { writer.float(value) }
      for value in beta { writer.float(value) }
      writer.float(epsilon)
    case .add, .gate: break
    }
    if case .leakyRelu(let slope) = layer.activation { writer.float(slope) }
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
  var records: [FloatLayerRecord] = []
  var counts = [inputs]
  var lastAdd: Int?
  for index in 0..<count {
    let record = try FloatLayerRecord(&reader, index)
    guard record.inputs == counts[index] else {
      throw reader.invalid("layer inputs", index, found: record.inputs)
    }
    if record.operation == .add {
      guard isSource(record.source, ofAdd: index, after: lastAdd),
        counts[record.source] == record.inputs
      else { throw reader.invalid("source", index, found: record.source) }
      lastAdd = index
    }
    counts.append(record.outputs)
    records.append(record)
  }
  var layers: [FloatModel.Layer] = []
  for (index, record) in records.enumerated() {
    layers.append(try record.layer(&reader, index))
  }
  try reader.end()
  return layers
}

/// The 8 bytes that describe a layer ahead of its data.
private struct FloatLayerRecord {
  let operation: OperationKind
  let activation: Activation.Kind
  let source: Int
  let inputs: Int
  let outputs: Int

  init(_ reader: inout ByteReader, _ index: Int) throws(ModelFormatError) {
    operation = try reader.operation(index)
    activation = try reader.activation(index)
    source = Int(try reader.integer(UInt16.self))
    guard operation == .add || source == 0 else {
      throw reader.invalid("source", index, found: source)
    }
    inputs = Int(try reader.integer(UInt16.self))
    outputs = Int(try reader.integer(UInt16.self))
    guard operation.takes(inputs: inputs) else {
      throw reader.invalid("layer inputs", index, found: inputs)
    }
    guard outputs > 0, operation.outputs(ofInputs: inputs) ?? outputs == outputs else {
      throw reader.invalid("layer outputs", index, found: outputs)
    }
  }

  func layer(_ reader: inout ByteReader, _ index: Int) throws(ModelFormatError) -> FloatModel.Layer
  {
    let read = try readOperation(&reader, index)
    let slope = activation == .leakyRelu ? try reader.float("slope", index) : 0
    return FloatModel.Layer(
      inputs: inputs, outputs: outputs, operation: read,
      activation: Activation(activation, slope: slope))
  }

  private func readOperation(
    _ reader: inout ByteReader, _ index: Int
  ) throws(ModelFormatError) -> FloatModel.Layer.Operation {
    switch operation {
    case .dense:
      let weights = try reader.floats(inputs * outputs, "weight", index)
      return .dense(weights: weights, bias: try reader.floats(outputs, "bias", index))
    case .layerNorm:
      let gamma = try reader.floats(outputs, "gamma", index)
      let beta = try reader.floats(outputs, "beta", index)
      let epsilon = try reader.float("epsilon", index)
      guard epsilon > 0 else { throw reader.invalid("epsilon", index, found: epsilon) }
      return .layerNorm(gamma: gamma, beta: beta, epsilon: epsilon)
    case .add: return .add(source: source)
    case .gate: return .gate
    }
  }
}
