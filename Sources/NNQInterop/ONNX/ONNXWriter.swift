// SPDX-License-Identifier: Apache-2.0

/// Gathers the operators and constants of a graph and writes them as an ONNX file.
///
/// - Source: onnx.proto3 of ONNX, IR version 8, from operator set 20 on 9, from 21 on 10.
struct ONNXWriter {
  enum ElementType: Int {
    case float = 1
    case uint8 = 2
    case int8 = 3
    case int16 = 5
    case int32 = 6
    case double = 11
  }

  enum Attribute {
    case integer(Int)
    case float(Float)
    case text(String)
    case integers([Int])
    case texts([String])
    case floats([Float])
  }

  private var nodes: [[UInt8]] = []
  private var constants: [[UInt8]] = []
  private var count = 0

  /// A constant; the name comes back for use as an input.
  mutating func constant(
    _ name: String, _ type: ElementType, shape: [Int], _ raw: [UInt8]
  ) -> String {
    var tensor = ProtobufWriter()
    for size in shape { tensor.integer(1, size) }
    tensor.integer(2, type.rawValue)
    tensor.text(8, name)
    tensor.bytes(9, raw)
    constants.append(tensor.bytes)
    return name
  }

  mutating func floats(_ name: String, shape: [Int], _ values: [Float]) -> String {
    constant(name, .float, shape: shape, littleEndianBytes(values.map(\.bitPattern)))
  }

  mutating func doubles(_ name: String, shape: [Int], _ values: [Double]) -> String {
    constant(name, .double, shape: shape, littleEndianBytes(values.map(\.bitPattern)))
  }

  /// An operator with one output, whose name comes back.
  mutating func node(
    _ operation: String, _ inputs: [String], output: String? = nil, domain: String = "",
    _ attributes: [(name: String, value: Attribute)] = []
  ) -> String {
    let output = output ?? "\(operation.lowercased())\(count)"
    var node = ProtobufWriter()
    for input in inputs { node.text(1, input) }
    node.text(2, output)
    node.text(3, "\(operation)_\(count)")
    node.text(4, operation)
    for (name, value) in attributes {
      node.message(5) { attribute in
        attribute.text(1, name)
        switch value {
        case .float(let value):
          attribute.float(2, value)
          attribute.integer(20, 1)
        case .integer(let value):
          attribute.integer(3, value)
          attribute.integer(20, 2)
        case .text(let value):
          attribute.text(4, value)
          attribute.integer(20, 3)
        case .floats(let values):
          for value in values { attribute.float(7, value) }
          attribute.integer(20, 6)
        case .integers(let values):
          for value in values { attribute.integer(8, value) }
          attribute.integer(20, 7)
        case .texts(let values):
          for value in values { attribute.text(9, value) }
          attribute.integer(20, 8)
        }
      }
    }
    if !domain.isEmpty { node.text(7, domain) }
    nodes.append(node.bytes)
    count += 1
    return output
  }

  /// The file of a graph that takes in and hands on rows of binary32.
  func file(
    input: String, inputs: Int, outputs: [(name: String, count: Int)], version: Int = 17
  ) -> [UInt8] {
    func value(_ name: String, _ count: Int, _ writer: inout ProtobufWriter) {
      writer.text(1, name)
      writer.message(2) { type in
        type.message(1) { tensor in
          tensor.integer(1, ElementType.float.rawValue)
          tensor.message(2) { shape in
            shape.message(1) { $0.text(2, "N") }
            shape.message(1) { $0.integer(1, count) }
          }
        }
      }
    }
    var model = ProtobufWriter()
    model.integer(1, version < 20 ? 8 : min(version - 11, 10))
    model.text(2, "nnq")
    model.message(7) { graph in
      for node in nodes { graph.bytes(1, node) }
      graph.text(2, "perceptron")
      for constant in constants { graph.bytes(5, constant) }
      graph.message(11) { value(input, inputs, &$0) }
      for output in outputs { graph.message(12) { value(output.name, output.count, &$0) } }
    }
    model.message(8) { operators in
      operators.text(1, "")
      operators.integer(2, version)
    }
    return model.bytes
  }
}
