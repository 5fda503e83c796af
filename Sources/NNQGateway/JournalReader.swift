// SPDX-License-Identifier: Apache-2.0
import NNQFormat

/// The records of a journal's file, up to its end or to the first that is damaged.
package struct JournalReader: Sendable {
  static let head: [UInt8] = [0x8E, 0x4E, 0x4E, 0x51, 0x4A, 1, 0, 0]

  private let bytes: [UInt8]
  /// Where the next record starts; after the last one, where the undamaged part ends.
  package private(set) var position = 0

  /// Nil when the bytes do not start as a journal does.
  package init?(_ bytes: [UInt8]) {
    guard bytes.starts(with: Self.head) else { return nil }
    self.bytes = bytes
    position = Self.head.count
  }

  /// Whether bytes are left that are no whole record.
  package var hasDamage: Bool { position < bytes.count }

  package mutating func next() -> JournalRecord? {
    let start = position + JournalRecord.headBytes
    guard start < bytes.count else { return nil }
    let length = Int(Envelope.word(bytes, at: position))
    guard length >= 1, length <= JournalRecord.byteLimit, length <= bytes.count - start else {
      return nil
    }
    var crc = CRC32C()
    crc.update(bytes.span.extracting(start..<start + length))
    guard crc.value == Envelope.word(bytes, at: position + 4),
      let record = Self.record(bytes[start..<start + length])
    else { return nil }
    position = start + length
    return record
  }

  private static func record(_ bytes: ArraySlice<UInt8>) -> JournalRecord? {
    var fields = Fields(rest: bytes)
    guard let type = fields.integer(UInt8.self) else { return nil }
    let record: JournalRecord?
    switch type {
    case 1:
      let text = fields.take(64).flatMap { String(validating: $0, as: UTF8.self) }
      record = text.map { .model(identity: $0) }
    case 2: record = decision(&fields).map { .decision($0) }
    case 3: record = device(&fields)
    case 4: record = .devicesEnd
    default: record = nil
    }
    return fields.rest.isEmpty ? record : nil
  }

  private static func decision(_ fields: inout Fields) -> JournalledDecision? {
    guard let form = fields.integer(UInt8.self).flatMap(Message.Form.init),
      let deviceBytes = fields.integer(UInt8.self), fields.integer(UInt8.self) == 0,
      let sequence = fields.integer(UInt64.self), let device = fields.take(Int(deviceBytes)),
      let values = fields.integers(UInt32.self), let label = fields.integer(Int32.self),
      let margin = fields.integer(Int64.self), let score = fields.integer(Int64.self),
      let codes = fields.integers(Int16.self)
    else { return nil }
    return JournalledDecision(
      form: form, device: Array(device), sequence: sequence == Frame.noSequence ? nil : sequence,
      values: values, label: label, margin: margin, score: score, codes: codes)
  }

  private static func device(_ fields: inout Fields) -> JournalRecord? {
    guard let count = fields.integer(UInt8.self), fields.integer(UInt16.self) == 0,
      let highest = fields.integer(UInt64.self), let name = fields.take(Int(count)), !name.isEmpty
    else { return nil }
    var seen: [UInt64] = []
    for _ in 0..<DeviceTable.window / 64 {
      guard let word = fields.integer(UInt64.self) else { return nil }
      seen.append(word)
    }
    return .device(name: Array(name), highest: highest, seen: seen)
  }

  /// Little-endian fields, each of them checked against the end.
  private struct Fields {
    var rest: ArraySlice<UInt8>

    mutating func take(_ count: Int) -> ArraySlice<UInt8>? {
      guard count <= rest.count else { return nil }
      defer { rest = rest.dropFirst(count) }
      return rest.prefix(count)
    }

    mutating func integer<T: FixedWidthInteger>(_: T.Type) -> T? {
      take(T.bitWidth / 8)?.reversed().reduce(0) { $0 << 8 | T(truncatingIfNeeded: $1) }
    }

    /// A `u32` count and so many integers.
    mutating func integers<T: FixedWidthInteger>(_ type: T.Type) -> [T]? {
      guard let count = integer(UInt32.self), Int(count) <= rest.count / (T.bitWidth / 8) else {
        return nil
      }
      return (0..<count).compactMap { _ in integer(type) }
    }
  }
}
