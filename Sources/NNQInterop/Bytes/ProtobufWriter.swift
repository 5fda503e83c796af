// SPDX-License-Identifier: Apache-2.0

/// Appends the fields of one protobuf message.
struct ProtobufWriter {
  private(set) var bytes: [UInt8] = []

  mutating func integer(_ field: Int, _ value: Int) {
    key(field, 0)
    varint(UInt64(bitPattern: Int64(value)))
  }

  mutating func text(_ field: Int, _ text: String) { bytes(field, text.utf8) }

  mutating func message(_ field: Int, _ write: (inout ProtobufWriter) -> Void) {
    var message = ProtobufWriter()
    write(&message)
    bytes(field, message.bytes)
  }

  mutating func float(_ field: Int, _ value: Float) {
    key(field, 5)
    bytes += littleEndianBytes([value.bitPattern])
  }

  mutating func bytes(_ field: Int, _ content: some Collection<UInt8>) {
    key(field, 2)
    varint(UInt64(content.count))
    bytes += content
  }

  private mutating func key(_ field: Int, _ wireType: UInt64) {
    varint(UInt64(field) << 3 | wireType)
  }

  private mutating func varint(_ value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }
}
