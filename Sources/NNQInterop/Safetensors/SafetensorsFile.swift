// SPDX-License-Identifier: Apache-2.0

/// The tensors of a safetensors file by name; their numbers are read when they are asked for.
///
/// - Source: the safetensors format: `u64` length of the header, a JSON header, the numbers.
struct SafetensorsFile {
  private struct Entry {
    let type: String
    let shape: [Int64]
    /// The first byte and the one behind the last, from the first number on.
    let bytes: [Int64]
  }

  private let numbers: ArraySlice<UInt8>
  private var entries: [String: Entry] = [:]

  /// Whether a file starts with a length that fits it and a JSON object.
  static func isStart(of file: [UInt8]) -> Bool {
    guard file.count > 8, file[8] == UInt8(ascii: "{") else { return false }
    return littleEndian(file[..<8], as: UInt64.self)[0] <= UInt64(file.count - 8)
  }

  init(_ file: [UInt8]) throws(InteropError) {
    guard Self.isStart(of: file) else { throw .unknownFormat }
    let length = Int(littleEndian(file[..<8], as: UInt64.self)[0])
    guard length <= InteropLimit.header else {
      throw .tooLarge("bytes of the header", found: length, limit: InteropLimit.header)
    }
    numbers = file[(8 + length)...]
    var entries: [String: Entry] = [:]
    var reader = JSONReader(file[8..<8 + length])
    try reader.object { (name, reader) throws(InteropError) in
      if name == "__metadata__" {
        return try reader.object { (_, reader) throws(InteropError) in _ = try reader.text() }
      }
      guard entries.count < InteropLimit.tensors else {
        throw .tooLarge("tensors", found: entries.count + 1, limit: InteropLimit.tensors)
      }
      guard entries.updateValue(try Self.entry(&reader), forKey: name) == nil else {
        throw .badName(setting: "tensors", name: name)
      }
    }
    try reader.end()
    self.entries = entries
  }

  private static func entry(_ reader: inout JSONReader) throws(InteropError) -> Entry {
    var (type, shape, bytes): (String?, [Int64]?, [Int64]?) = (nil, nil, nil)
    let start = reader.byte
    try reader.object { (name, reader) throws(InteropError) in
      switch name {
      case "dtype": type = try reader.text()
      case "shape": shape = try reader.integers(limit: InteropLimit.dimensions)
      case "data_offsets": bytes = try reader.integers(limit: 2)
      default: throw .malformed(byte: reader.byte, field: name)
      }
    }
    guard let type, let shape, let bytes, bytes.count == 2 else {
      throw .malformed(byte: start, field: "tensor")
    }
    return Entry(type: type, shape: shape, bytes: bytes)
  }

  /// A tensor's numbers, as binary32 or binary64.
  ///
  /// - Throws: ``InteropError/missingTensor(_:)``, or what is wrong with the tensor.
  func tensor(_ name: String) throws(InteropError) -> ForeignTensor {
    guard let entry = entries[name] else { throw .missingTensor(name) }
    let (first, end) = (entry.bytes[0], entry.bytes[1])
    guard first <= end, end <= Int64(numbers.count) else {
      throw .wrongTensor(name, shape: entry.shape.map { Int(clamping: $0) })
    }
    let bytes = numbers[numbers.startIndex + Int(first)..<numbers.startIndex + Int(end)]
    let elements: ForeignTensor.Elements
    let size: Int
    switch entry.type {
    case "F64":
      (elements, size) = (
        .doubles(littleEndian(bytes, as: UInt64.self).map { Double(bitPattern: $0) }), 8
      )
    case "F32":
      (elements, size) = (
        .floats(littleEndian(bytes, as: UInt32.self).map { Float(bitPattern: $0) }), 4
      )
    case "F16":
      (elements, size) = (
        .floats(littleEndian(bytes, as: UInt16.self).map { Float(binary16: $0) }), 2
      )
    case "BF16":
      (elements, size) = (
        .floats(littleEndian(bytes, as: UInt16.self).map { Float(brain: $0) }), 2
      )
    default: throw .unsupportedElements(tensor: name, found: entry.type)
    }
    guard bytes.count == elements.count * size else {
      throw .wrongTensor(name, shape: entry.shape.map { Int(clamping: $0) })
    }
    return try ForeignTensor(name, shape: entry.shape, elements: elements)
  }
}
