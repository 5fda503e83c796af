// SPDX-License-Identifier: Apache-2.0

/// A FlatBuffers file as a tree of values, written front to back.
///
/// What a table points to follows it, so that every offset leads onwards, as the format demands.
struct FlatBufferWriter {
  indirect enum Value {
    case int8(Int8)
    case uint8(UInt8)
    case uint32(UInt32)
    case int32(Int32)
    case float(Float)
    case bool(Bool)
    case text(String)
    case bytes([UInt8])
    case int32s([Int32])
    case int64s([Int64])
    case floats([Float])
    case table([(field: Int, value: Value)])
    case tables([Value])
  }

  private(set) var bytes: [UInt8] = []

  /// A file whose root is a table.
  init(root: [(field: Int, value: Value)], identifier: [UInt8]) {
    bytes = [0, 0, 0, 0] + identifier
    patch(0, to: table(root))
  }

  // MARK: -

  /// Writes a table with its layout in front and what it points to behind; returns where it starts.
  private mutating func table(_ fields: [(field: Int, value: Value)]) -> Int {
    let present = fields.sorted { $0.field < $1.field }
    let slots = (present.last?.field ?? -1) + 1
    var places = [Int](repeating: 0, count: slots)
    var size = 4
    for (field, value) in present {
      let width = value.inlineBytes
      size = (size + width - 1) / width * width
      places[field] = size
      size += width
    }
    // The layout lies directly in front; the table is aligned to 4.
    let layoutBytes = 4 + 2 * slots
    align(4, after: layoutBytes)
    let layout = bytes.count
    bytes += littleEndianBytes([UInt16(layoutBytes), UInt16(size)])
    bytes += littleEndianBytes(places.map { UInt16($0) })
    let start = bytes.count
    bytes += littleEndianBytes([Int32(start - layout)])
    bytes += [UInt8](repeating: 0, count: size - 4)
    for (field, value) in present {
      let place = start + places[field]
      switch value {
      case .int8(let number): bytes[place] = UInt8(bitPattern: number)
      case .uint8(let number): bytes[place] = number
      case .bool(let number): bytes[place] = number ? 1 : 0
      case .uint32(let number): put(littleEndianBytes([number]), at: place)
      case .int32(let number): put(littleEndianBytes([number]), at: place)
      case .float(let number): put(littleEndianBytes([number.bitPattern]), at: place)
      default: patch(place, to: content(value))
      }
    }
    return start
  }

  /// Writes what a field points to and returns where it starts.
  private mutating func content(_ value: Value) -> Int {
    switch value {
    case .table(let fields): return table(fields)
    case .text(let text): return vector(text.utf8.count, Array(text.utf8) + [0], alignment: 4)
    case .bytes(let content): return vector(content.count, content, alignment: 16)
    case .int32s(let numbers):
      return vector(numbers.count, littleEndianBytes(numbers), alignment: 4)
    case .int64s(let numbers):
      return vector(numbers.count, littleEndianBytes(numbers), alignment: 8)
    case .floats(let numbers):
      return vector(numbers.count, littleEndianBytes(numbers.map(\.bitPattern)), alignment: 4)
    case .tables(let tables):
      let start = vector(
        tables.count, [UInt8](repeating: 0, count: 4 * tables.count), alignment: 4)
      for (index, table) in tables.enumerated() { patch(start + 4 + 4 * index, to: content(table)) }
      return start
    case .int8, .uint8, .uint32, .int32, .float, .bool:
      preconditionFailure("a number lies in its table")
    }
  }

  /// Writes a vector whose elements start at a multiple of `alignment`.
  private mutating func vector(_ count: Int, _ content: [UInt8], alignment: Int) -> Int {
    align(alignment, after: 4)
    let start = bytes.count
    bytes += littleEndianBytes([UInt32(count)])
    bytes += content
    return start
  }

  /// Zeros so that what follows `count` more bytes is aligned.
  private mutating func align(_ alignment: Int, after count: Int) {
    while (bytes.count + count) % alignment != 0 { bytes.append(0) }
  }

  private mutating func patch(_ place: Int, to target: Int) {
    put(littleEndianBytes([UInt32(target - place)]), at: place)
  }

  private mutating func put(_ content: [UInt8], at place: Int) {
    bytes.replaceSubrange(place..<place + content.count, with: content)
  }
}

extension FlatBufferWriter.Value {
  /// The bytes that the field takes in its table; what is pointed to takes an offset.
  fileprivate var inlineBytes: Int {
    switch self {
    case .int8, .uint8, .bool: 1
    default: 4
    }
  }
}
