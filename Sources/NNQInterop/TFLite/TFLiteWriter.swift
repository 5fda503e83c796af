// SPDX-License-Identifier: Apache-2.0

/// Gathers tensors and operators and writes them as a TFLite file.
///
/// - Source: schema.fbs, version 3, of TensorFlow Lite.
struct TFLiteWriter {
  enum Options {
    case none
    case fullyConnected(TFLiteActivation)
    case softmax
    case leakyRelu(slope: Float)
    case gelu(isTanh: Bool)
    case hardSwish
    /// Of an operator on two values, with the number of its kind in the schema.
    case arithmetic(UInt8)
  }

  private var tensors: [FlatBufferWriter.Value] = []
  /// `[tensors]`
  private var names: [String] = []
  /// The first buffer is empty, for all values that are computed.
  private var buffers: [FlatBufferWriter.Value] = [.table([])]
  private var operators: [FlatBufferWriter.Value] = []
  private var codes: [(operation: TFLiteOperator, version: Int32)] = []

  /// A value or, with content, a constant; its place comes back.
  mutating func tensor(
    _ name: String, _ type: TFLiteType, shape: [Int], content: [UInt8]? = nil,
    scales: [Float] = [], zeroPoint: Int = 0
  ) -> Int {
    var fields: [(field: Int, value: FlatBufferWriter.Value)] = [
      (0, .int32s(shape.map { Int32($0) })), (1, .int8(type.rawValue)),
      (2, .uint32(content == nil ? 0 : UInt32(buffers.count))), (3, .text(name)),
    ]
    if let content { buffers.append(.table([(0, .bytes(content))])) }
    if !scales.isEmpty {
      fields.append(
        (
          4,
          .table([
            (2, .floats(scales)), (3, .int64s(scales.map { _ in Int64(zeroPoint) })),
            (6, .int32(0)),
          ])
        ))
    }
    tensors.append(.table(fields))
    names.append(name)
    return tensors.count - 1
  }

  mutating func floats(_ name: String, shape: [Int], _ values: [Float]) -> Int {
    tensor(name, .float, shape: shape, content: littleEndianBytes(values.map(\.bitPattern)))
  }

  /// - Parameter version: that of the operator which knows the types of its tensors.
  mutating func node(
    _ operation: TFLiteOperator, _ inputs: [Int], output: Int, version: Int32 = 1,
    _ options: Options = .none
  ) {
    let code: Int
    if let known = codes.firstIndex(where: { $0.operation == operation && $0.version == version }) {
      code = known
    } else {
      codes.append((operation, version))
      code = codes.count - 1
    }
    var fields: [(field: Int, value: FlatBufferWriter.Value)] = [
      (0, .uint32(UInt32(code))), (1, .int32s(inputs.map { Int32($0) })),
      (2, .int32s([Int32(output)])),
    ]
    switch options {
    case .none: break
    case .fullyConnected(let activation):
      fields += [(3, .uint8(8)), (4, .table([(0, .int8(activation.rawValue))]))]
    case .softmax: fields += [(3, .uint8(9)), (4, .table([(0, .float(1))]))]
    case .leakyRelu(let slope): fields += [(3, .uint8(75)), (4, .table([(0, .float(slope))]))]
    case .gelu(let isTanh): fields += [(3, .uint8(116)), (4, .table([(0, .bool(isTanh))]))]
    case .hardSwish: fields += [(3, .uint8(91)), (4, .table([]))]
    case .arithmetic(let kind): fields += [(3, .uint8(kind)), (4, .table([]))]
    }
    operators.append(.table(fields))
  }

  /// The file, whose one signature has the name that TensorFlow gives a saved model's.
  func file(input: Int, output: Int) -> [UInt8] {
    func named(_ tensor: Int) -> FlatBufferWriter.Value {
      .table([(0, .text(names[tensor])), (1, .uint32(UInt32(tensor)))])
    }
    let signature = FlatBufferWriter.Value.table([
      (0, .tables([named(input)])), (1, .tables([named(output)])), (2, .text("serving_default")),
      (4, .uint32(0)),
    ])
    let graph: [(field: Int, value: FlatBufferWriter.Value)] = [
      (0, .tables(tensors)), (1, .int32s([Int32(input)])), (2, .int32s([Int32(output)])),
      (3, .tables(operators)), (4, .text("perceptron")),
    ]
    let codes = codes.map { code in
      FlatBufferWriter.Value.table([
        (0, .int8(Int8(min(code.operation.code, 127)))), (2, .int32(code.version)),
        (3, .int32(Int32(code.operation.code))),
      ])
    }
    return FlatBufferWriter(
      root: [
        (0, .uint32(3)), (1, .tables(codes)), (2, .tables([.table(graph)])), (3, .text("nnq")),
        (4, .tables(buffers)), (7, .tables([signature])),
      ], identifier: TFLiteGraph.identifier
    ).bytes
  }
}
