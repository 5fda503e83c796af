// SPDX-License-Identifier: Apache-2.0
import NNQFormat

/// What a TFLite file holds: the operators of its first graph and their tensors.
///
/// - Source: schema.fbs, version 3, of TensorFlow Lite. Numbers of tensors are read when an operator
///   asks for them.
struct TFLiteGraph {
  struct Operator {
    let code: TFLiteOperator
    /// Places of tensors; -1 for one that is left out.
    let inputs: [Int]
    let outputs: [Int]
    let options: FlatBufferTable?
  }

  struct Tensor {
    let table: FlatBufferTable
    let shape: [Int]
    /// Nil for a type that the schema does not name.
    let type: TFLiteType?

    /// The values of one row: all dimensions but the first.
    var rowCount: Int? {
      var product = 1
      for size in shape.count > 1 ? shape.dropFirst() : shape[...] {
        let (result, overflows) = product.multipliedReportingOverflow(by: size)
        guard size > 0, !overflows else { return nil }
        product = result
      }
      return product
    }
  }

  static let identifier: [UInt8] = Array("TFL3".utf8)

  /// In the order of the file, without those that ``halves`` stands for.
  private(set) var operators: [Operator]
  let tensors: [Tensor]
  let input: Int
  let output: Int
  private let buffers: [FlatBufferTable]
  /// The binary16 constant behind each value that a DEQUANTIZE makes of one, by their places.
  private var halves: [Int: Int] = [:]

  static func isStart(of file: [UInt8]) -> Bool {
    file.count >= 8 && file[4..<8].elementsEqual(identifier)
  }

  init(_ file: [UInt8]) throws(InteropError) {
    let model = try FlatBufferTable(root: file)
    let version = Int(try model.number(0, 0, as: UInt32.self))
    guard version == 3 else {
      throw .unsupportedVersion("TFLite schema", found: version, oldest: 3)
    }
    guard let graph = try model.tables(2, "graphs", limit: InteropLimit.nodes).first else {
      throw .noLayers
    }
    buffers = try model.tables(4, "buffers", limit: InteropLimit.tensors)
    var codes: [TFLiteOperator] = []
    for table in try model.tables(1, "operator codes", limit: InteropLimit.nodes) {
      // The first field is one byte wide; newer files use the last one too.
      let old = Int(try table.number(0, 0, as: Int8.self))
      let new = Int(try table.number(3, 0, as: Int32.self))
      codes.append(TFLiteOperator(code: max(old, new), custom: try table.text(1)))
    }
    var tensors: [Tensor] = []
    for table in try graph.tables(0, "tensors", limit: InteropLimit.tensors) {
      let shape = try table.vector(0, elementBytes: 4)
      guard shape.count / 4 <= InteropLimit.dimensions else {
        throw .tooLarge("dimensions", found: shape.count / 4, limit: InteropLimit.dimensions)
      }
      tensors.append(
        Tensor(
          table: table, shape: littleEndian(shape, as: Int32.self).map { Int($0) },
          type: TFLiteType(rawValue: try table.number(1, 0, as: Int8.self))))
    }
    var operators: [Operator] = []
    for table in try graph.tables(3, "operators", limit: InteropLimit.nodes) {
      let code = Int(try table.number(0, 0, as: UInt32.self))
      guard code < codes.count else { throw .malformed(byte: table.byte, field: "operator code") }
      operators.append(
        Operator(
          code: codes[code],
          inputs: try Self.places(table, 1, in: tensors.count, "inputs of an operator"),
          outputs: try Self.places(table, 2, in: tensors.count, "outputs of an operator"),
          options: try table.table(4)))
    }
    let inputs = try Self.places(graph, 1, in: tensors.count, "inputs")
    let outputs = try Self.places(graph, 2, in: tensors.count, "outputs")
    guard let input = inputs.first, let output = outputs.first, inputs.count == 1,
      outputs.count == 1, input >= 0, output >= 0
    else { throw .wrongEnds(inputs: inputs.count, outputs: outputs.count) }
    self.tensors = tensors
    self.input = input
    self.output = output
    self.operators = []
    for node in operators {
      if let (made, half) = try half(widenedBy: node) {
        halves[made] = half
      } else {
        self.operators.append(node)
      }
    }
  }

  /// What a DEQUANTIZE makes and the binary16 constant it makes it of; nil for other operators.
  private func half(
    widenedBy node: Operator
  ) throws(InteropError) -> (made: Int, half: Int)? {
    guard node.code == .dequantize, let half = node.inputs.first, let made = node.outputs.first,
      half >= 0, made >= 0, tensors[half].type == .float16, tensors[made].type == .float,
      try !data(half).isEmpty
    else { return nil }
    return (made, half)
  }

  private static func places(
    _ table: FlatBufferTable, _ field: Int, in count: Int, _ name: String
  ) throws(InteropError) -> [Int] {
    let bytes = try table.vector(field, elementBytes: 4)
    guard bytes.count / 4 <= InteropLimit.attributes else {
      throw .tooLarge(name, found: bytes.count / 4, limit: InteropLimit.attributes)
    }
    let places = littleEndian(bytes, as: Int32.self).map { Int($0) }
    guard places.allSatisfy({ (-1..<count).contains($0) }) else {
      throw .malformed(byte: table.byte, field: name)
    }
    return places
  }

  // MARK: - Tensors

  /// How messages name an operator: TFLite gives it no name, so that of what it computes.
  func label(_ node: Operator) throws(InteropError) -> InteropError.Node {
    var name = ""
    if let output = node.outputs.first, output >= 0 { name = try self.name(output) }
    return InteropError.Node(name: name, operation: node.code.name)
  }

  func name(_ place: Int) throws(InteropError) -> String { try tensors[place].table.text(3) }

  /// The bytes of a constant; empty for a value that is computed.
  func data(_ place: Int) throws(InteropError) -> ArraySlice<UInt8> {
    let tensor = tensors[place]
    let index = Int(try tensor.table.number(2, 0, as: UInt32.self))
    guard index < buffers.count else {
      throw .malformed(byte: tensor.table.byte, field: "buffer")
    }
    // A buffer behind the tables, which only files beyond 2 GiB need.
    guard try buffers[index].number(1, 0, as: UInt64.self) == 0 else {
      throw .externalData(tensor: try name(place))
    }
    return try buffers[index].vector(0, elementBytes: 1)
  }

  /// Nil for a tensor that is not quantized.
  func quantization(_ place: Int) throws(InteropError) -> ForeignTensor.Quantization? {
    guard let table = try tensors[place].table.table(4) else { return nil }
    let scales = try table.vector(2, elementBytes: 4)
    let zeroPoints = try table.vector(3, elementBytes: 8)
    guard !scales.isEmpty else { return nil }
    guard max(scales.count / 4, zeroPoints.count / 8) <= FormatLimit.width else {
      throw .tooLarge("scales", found: scales.count / 4, limit: FormatLimit.width)
    }
    return ForeignTensor.Quantization(
      scales: littleEndian(scales, as: UInt32.self).map { Float(bitPattern: $0) },
      zeroPoints: littleEndian(zeroPoints), axis: Int(try table.number(6, 0, as: Int32.self)))
  }

  /// The constant at an input as binary32, in its shape; one of binary16 that a DEQUANTIZE widens
  /// is widened exactly.
  func floats(
    _ node: Operator, _ input: Int
  ) throws(InteropError) -> (shape: [Int], values: [Float]) {
    if has(node, input), let half = halves[node.inputs[input]] {
      let bytes = try data(half)
      try check(half, count: bytes.count / 2)
      return (
        tensors[half].shape, littleEndian(bytes, as: UInt16.self).map { Float(binary16: $0) }
      )
    }
    let place = try constant(node, input, .float)
    let bytes = try data(place)
    try check(place, count: bytes.count / 4)
    let values = littleEndian(bytes, as: UInt32.self).map { Float(bitPattern: $0) }
    return (tensors[place].shape, values)
  }

  /// The place of a constant of a type at an input.
  func constant(_ node: Operator, _ input: Int, _ type: TFLiteType) throws(InteropError) -> Int {
    guard has(node, input), try !data(node.inputs[input]).isEmpty else {
      throw .unsupportedUse(try label(node), .notConstant(input: input))
    }
    let place = node.inputs[input]
    guard tensors[place].type == type else {
      throw .unsupportedUse(try label(node), .type(tensors[place].type?.name ?? "unknown"))
    }
    return place
  }

  /// Whether the optional input at a place is there.
  func has(_ node: Operator, _ input: Int) -> Bool {
    input < node.inputs.count && node.inputs[input] >= 0
  }

  /// Refuses a constant whose shape asks for another number of elements.
  func check(_ place: Int, count: Int) throws(InteropError) {
    let shape = tensors[place].shape
    var product = 1
    for size in shape {
      let (next, overflows) = product.multipliedReportingOverflow(by: size)
      guard size > 0, !overflows else { throw .wrongTensor(try name(place), shape: shape) }
      product = next
    }
    guard product == count else { throw .wrongTensor(try name(place), shape: shape) }
  }
}
