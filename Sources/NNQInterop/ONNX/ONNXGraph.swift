// SPDX-License-Identifier: Apache-2.0

/// What an ONNX file holds: operators, constants, and what goes in and out.
///
/// - Source: onnx.proto3 of ONNX; fields that an importer has no use for are skipped.
struct ONNXGraph {
  struct Node {
    var name = ""
    var operation = ""
    var domain = ""
    var inputs: [String] = []
    var outputs: [String] = []
    var attributes: [String: Attribute] = [:]

    /// How messages name it.
    var label: InteropError.Node {
      InteropError.Node(name: name.isEmpty ? outputs.first ?? "" : name, operation: qualified)
    }

    /// The operation with its domain, unless that is ONNX's own.
    var qualified: String {
      domain.isEmpty || domain == "ai.onnx" ? operation : "\(domain).\(operation)"
    }
  }

  enum Attribute {
    case float(Float)
    case integer(Int64)
    case text(String)
    case tensor(ForeignTensor)
    case floats([Float])
    case integers([Int64])
    case texts([String])
    /// A graph or anything else that no perceptron needs.
    case other
  }

  struct Value {
    var name = ""
    /// Nil for a dimension without a fixed size; nil altogether where no shape is declared.
    var shape: [Int?]?
  }

  /// The version of ONNX's own operators.
  var version = 0
  var nodes: [Node] = []
  var constants: [String: ForeignTensor] = [:]
  var inputs: [Value] = []
  var outputs: [Value] = []

  init(_ file: [UInt8]) throws(InteropError) {
    var model = ProtobufReader(file[...])
    var graph: ArraySlice<UInt8>?
    while let field = try model.next() {
      switch field.number {
      case 7: graph = try field.bytes("graph")
      case 8: try readVersion(try field.bytes("operator set"))
      default: break
      }
    }
    guard let graph, version > 0 else { throw .unknownFormat }
    guard version >= 11 else {
      throw .unsupportedVersion("ONNX operator set", found: version, oldest: 11)
    }
    var reader = ProtobufReader(graph)
    while let field = try reader.next() {
      switch field.number {
      case 1:
        guard nodes.count < InteropLimit.nodes else {
          throw .tooLarge("operators", found: nodes.count + 1, limit: InteropLimit.nodes)
        }
        nodes.append(try Node(field.bytes("operator")))
      case 5:
        guard constants.count < InteropLimit.tensors else {
          throw .tooLarge("constants", found: constants.count + 1, limit: InteropLimit.tensors)
        }
        let (name, tensor) = try ForeignTensor.onnx(try field.bytes("initializer"))
        guard constants.updateValue(tensor, forKey: name) == nil else {
          throw .badName(setting: "initializer", name: name)
        }
      case 11: try append(Value(field.bytes("input")), to: &inputs)
      case 12: try append(Value(field.bytes("output")), to: &outputs)
      default: break
      }
    }
    // Texts that differ in bytes alone are equal, so that they are refused here too.
    var made = Set(constants.keys)
    for name in nodes.flatMap(\.outputs) where !name.isEmpty {
      guard made.insert(name).inserted else { throw .badName(setting: "output", name: name) }
    }
    // Files of old versions list constants among the inputs.
    inputs.removeAll { constants[$0.name] != nil }
  }

  private mutating func readVersion(_ message: ArraySlice<UInt8>) throws(InteropError) {
    var reader = ProtobufReader(message)
    var domain = ""
    var stated = 0
    while let field = try reader.next() {
      switch field.number {
      case 1: domain = try field.text("domain")
      case 2: stated = Int(clamping: try field.integer("version"))
      default: break
      }
    }
    if domain.isEmpty || domain == "ai.onnx" { version = stated }
  }

  private func append(_ value: Value, to values: inout [Value]) throws(InteropError) {
    guard values.count < InteropLimit.tensors else {
      throw .tooLarge("inputs and outputs", found: values.count + 1, limit: InteropLimit.tensors)
    }
    values.append(value)
  }
}

extension ONNXGraph.Node {
  init(_ message: ArraySlice<UInt8>) throws(InteropError) {
    var reader = ProtobufReader(message)
    while let field = try reader.next() {
      switch field.number {
      case 1: try append(try field.key("input"), to: \.inputs)
      case 2: try append(try field.key("output"), to: \.outputs)
      case 3: name = try field.text("name")
      case 4: operation = try field.text("operation")
      case 5:
        guard attributes.count < InteropLimit.attributes else {
          throw .tooLarge(
            "attributes", found: attributes.count + 1, limit: InteropLimit.attributes)
        }
        let (name, attribute) = try ONNXGraph.Attribute.read(try field.bytes("attribute"))
        attributes[name] = attribute
      case 7: domain = try field.text("domain")
      default: break
      }
    }
  }

  private mutating func append(
    _ name: String, to list: WritableKeyPath<Self, [String]>
  ) throws(InteropError) {
    guard self[keyPath: list].count < InteropLimit.tensors else {
      throw .tooLarge(
        "values of an operator", found: self[keyPath: list].count + 1, limit: InteropLimit.tensors)
    }
    self[keyPath: list].append(name)
  }
}

extension ONNXGraph.Attribute {
  static func read(
    _ message: ArraySlice<UInt8>
  ) throws(InteropError) -> (name: String, attribute: ONNXGraph.Attribute) {
    var reader = ProtobufReader(message)
    var name = ""
    var attribute = ONNXGraph.Attribute.other
    // Proto3 leaves out a number that is 0: the type then says what is meant.
    var type = 0
    var floats: [Float] = []
    var integers: [Int64] = []
    var texts: [String] = []
    while let field = try reader.next() {
      switch field.number {
      case 1: name = try field.text("name")
      case 2: attribute = .float(try field.float("float"))
      case 3: attribute = .integer(try field.integer("integer"))
      case 4: attribute = .text(try field.text("text"))
      case 5: attribute = .tensor(try ForeignTensor.onnx(try field.bytes("tensor")).tensor)
      case 7: floats += try field.floats("floats")
      case 8: integers += try field.integers("integers")
      case 9: texts.append(try field.text("texts"))
      case 20: type = Int(clamping: try field.integer("type"))
      default: break
      }
    }
    if case .other = attribute {
      switch type {
      case 1: attribute = .float(0)
      case 2: attribute = .integer(0)
      case 3: attribute = .text("")
      default: break
      }
      if type == 6 || !floats.isEmpty { attribute = .floats(floats) }
      if type == 7 || !integers.isEmpty { attribute = .integers(integers) }
      if type == 8 || !texts.isEmpty { attribute = .texts(texts) }
    }
    return (name, attribute)
  }
}

extension ONNXGraph.Value {
  init(_ message: ArraySlice<UInt8>) throws(InteropError) {
    var reader = ProtobufReader(message)
    while let field = try reader.next() {
      switch field.number {
      case 1: name = try field.key("name")
      case 2:
        guard let tensor = try Self.message(1, in: try field.bytes("type")) else { break }
        guard let shape = try Self.message(2, in: tensor) else { break }
        self.shape = try Self.dimensions(shape)
      default: break
      }
    }
  }

  /// The last field of this number, which holds a message.
  private static func message(
    _ number: Int, in message: ArraySlice<UInt8>
  ) throws(InteropError) -> ArraySlice<UInt8>? {
    var reader = ProtobufReader(message)
    var found: ArraySlice<UInt8>?
    while let field = try reader.next() {
      if field.number == number { found = try field.bytes("message") }
    }
    return found
  }

  private static func dimensions(_ message: ArraySlice<UInt8>) throws(InteropError) -> [Int?] {
    var reader = ProtobufReader(message)
    var shape: [Int?] = []
    while let field = try reader.next() {
      guard field.number == 1 else { continue }
      guard shape.count < InteropLimit.dimensions else {
        throw .tooLarge("dimensions", found: shape.count + 1, limit: InteropLimit.dimensions)
      }
      var dimension = ProtobufReader(try field.bytes("dimension"))
      var size: Int?
      while let field = try dimension.next() {
        if field.number == 1 { size = Int(clamping: try field.integer("size")) }
      }
      shape.append(size)
    }
    return shape
  }
}
