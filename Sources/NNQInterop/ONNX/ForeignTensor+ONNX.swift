// SPDX-License-Identifier: Apache-2.0

extension ForeignTensor {
  /// A TensorProto and its name.
  ///
  /// - Throws: ``InteropError``; numbers in another file are refused, whatever path they name.
  static func onnx(
    _ message: ArraySlice<UInt8>
  ) throws(InteropError) -> (name: String, tensor: ForeignTensor) {
    var reader = ProtobufReader(message)
    var name = ""
    var type = 0
    var shape: [Int64] = []
    var raw: ArraySlice<UInt8>?
    var floats: [Float] = []
    var doubles: [Double] = []
    var integers: [Int64] = []
    var texts: [String] = []
    var isElsewhere = false
    while let field = try reader.next() {
      switch field.number {
      case 1:
        shape += try field.integers("dimensions", limit: InteropLimit.dimensions)
        guard shape.count <= InteropLimit.dimensions else {
          throw .tooLarge("dimensions", found: shape.count, limit: InteropLimit.dimensions)
        }
      case 2: type = Int(clamping: try field.integer("element type"))
      case 4: floats += try field.floats("floats")
      case 5, 7: integers += try field.integers("integers")
      case 6: texts.append(try field.text("texts"))
      case 8: name = try field.key("name")
      case 9: raw = try field.bytes("raw data")
      case 10: doubles += try field.doubles("doubles")
      case 13: isElsewhere = true
      case 14: isElsewhere = try field.integer("location") != 0
      default: break
      }
    }
    if isElsewhere { throw .externalData(tensor: name) }
    let elements: Elements
    switch ElementType(rawValue: type) {
    case .float:
      elements = .floats(
        raw.map { littleEndian($0, as: UInt32.self).map { Float(bitPattern: $0) } } ?? floats)
    case .double:
      elements = .doubles(
        raw.map { littleEndian($0, as: UInt64.self).map { Double(bitPattern: $0) } } ?? doubles)
    case .half:
      elements = .floats(
        raw.map { littleEndian($0, as: UInt16.self).map { Float(binary16: $0) } }
          ?? integers.map { Float(binary16: UInt16(truncatingIfNeeded: $0)) })
    case .brain:
      elements = .floats(
        raw.map { littleEndian($0, as: UInt16.self).map { Float(brain: $0) } }
          ?? integers.map { Float(brain: UInt16(truncatingIfNeeded: $0)) })
    case .text: elements = .texts(texts)
    case .bool: elements = .integers(raw.map { $0.map { $0 == 0 ? 0 : 1 } } ?? integers)
    case .uint8: elements = .integers(raw.map { $0.map { Int64($0) } } ?? integers)
    case .int8:
      elements = .integers(raw.map { $0.map { Int64(Int8(bitPattern: $0)) } } ?? integers)
    case .uint16:
      elements = .integers(
        raw.map { littleEndian($0, as: UInt16.self).map { Int64($0) } } ?? integers)
    case .int16:
      elements = .integers(
        raw.map { littleEndian($0, as: Int16.self).map { Int64($0) } } ?? integers)
    case .int32:
      elements = .integers(
        raw.map { littleEndian($0, as: Int32.self).map { Int64($0) } } ?? integers)
    case .int64: elements = .integers(raw.map { littleEndian($0, as: Int64.self) } ?? integers)
    case nil: throw .unsupportedType(tensor: name, type: type)
    }
    var tensor = try ForeignTensor(name, shape: shape, elements: elements)
    tensor.codeType = codeType(type)
    return (name, tensor)
  }

  /// The codes that an element type of ONNX holds; nil for others.
  static func codeType(_ type: Int) -> CodeType? {
    switch ElementType(rawValue: type) {
    case .uint8: .uint8
    case .int8: .int8
    case .uint16: .uint16
    case .int16: .int16
    default: nil
    }
  }

  /// The element types of ONNX that are read.
  private enum ElementType: Int {
    case float = 1
    case uint8 = 2
    case int8 = 3
    case uint16 = 4
    case int16 = 5
    case int32 = 6
    case int64 = 7
    case text = 8
    case bool = 9
    case half = 10
    case double = 11
    case brain = 16
  }
}
