// SPDX-License-Identifier: Apache-2.0

/// Reads the fields of a checkpoint, little-endian; what is not there is ``CheckpointError/damaged``.
struct CheckpointCursor {
  private let bytes: [UInt8]
  private(set) var position: Int
  /// Where the fields end.
  var end: Int

  init(bytes: [UInt8], position: Int) {
    self.bytes = bytes
    self.position = position
    end = bytes.count
  }

  mutating func take(_ count: Int) throws(CheckpointError) -> [UInt8] {
    guard count >= 0, count <= end - position else { throw .damaged }
    defer { position += count }
    return Array(bytes[position..<(position + count)])
  }

  /// An unsigned number of 1 to 8 bytes.
  mutating func word(bytes count: Int) throws(CheckpointError) -> UInt64 {
    try take(count).reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }

  mutating func count() throws(CheckpointError) -> Int {
    guard let value = Int(exactly: try word(bytes: 8)) else { throw .damaged }
    return value
  }

  mutating func double() throws(CheckpointError) -> Double {
    Double(bitPattern: try word(bytes: 8))
  }

  /// A number that is NaN where it is missing.
  mutating func optional() throws(CheckpointError) -> Double? {
    let value = try double()
    return value.isNaN ? nil : value
  }

  mutating func text(lengthBytes: Int) throws(CheckpointError) -> String {
    String(decoding: try take(Int(try word(bytes: lengthBytes))), as: UTF8.self)
  }

  /// A count and as many binary32.
  mutating func floats() throws(CheckpointError) -> [Float] {
    let count = Int(try word(bytes: 4))
    guard count <= (end - position) / 4 else { throw .damaged }
    let start = position
    position += 4 * count
    return (0..<count).map { index in
      let place = start + 4 * index
      var word: UInt32 = 0
      for byte in (0..<4).reversed() { word = word << 8 | UInt32(bytes[place + byte]) }
      return Float(bitPattern: word)
    }
  }
}
