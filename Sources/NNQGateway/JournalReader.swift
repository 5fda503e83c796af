// SPDX-License-Identifier: Apache-2.0
import Glibc
package import NNQFiles
import NNQFormat

/// The records of a journal's file, read in steps of a fixed size. Behind bytes that are no record it
/// goes on at the next one whose length, fields and checksum agree.
package struct JournalReader {
  package static let head: [UInt8] = [0x8E, 0x4E, 0x4E, 0x51, 0x4A, 1, 0, 0]
  private static let stepBytes = 1 << 17
  /// The most bytes whose checksum is taken in vain, so that a file made for it does not take hours.
  private static let vainLimit = 1 << 28

  private final class Input {
    let descriptor: Int32
    init(_ descriptor: Int32) { self.descriptor = descriptor }
    deinit { close(descriptor) }
  }

  private let path: String
  private let input: Input?
  /// What was read and not passed: `buffer[start..<end]`.
  private var buffer: [UInt8]
  private var start = 0
  private var end = 0
  private var isAtEnd: Bool
  private var vain = 0
  private var isDamaged = false
  /// Whether the file starts as a journal does.
  package private(set) var hasHead = false
  /// Where the next record starts, in bytes from the file's start; at the end, its size.
  package private(set) var position = 0
  /// The bytes so far that belong to no record, and how many stretches they make.
  package private(set) var damagedBytes = 0
  package private(set) var damages = 0
  /// Why the file could not be read to its end.
  package private(set) var failure: FileError?

  /// Whether decisions come without their values, which whoever asks what was decided leaves.
  private let isBrief: Bool

  package init(_ bytes: [UInt8]) {
    isBrief = false
    path = ""
    input = nil
    buffer = bytes
    end = bytes.count
    isAtEnd = true
    takeHead()
  }

  /// - Throws: ``FileError`` when the file cannot be opened.
  package init(path: String, isBrief: Bool = false) throws(FileError) {
    self.isBrief = isBrief
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw FileError(path: path, operation: .open, code: errno) }
    self.path = path
    input = Input(descriptor)
    buffer = [UInt8](repeating: 0, count: Self.stepBytes)
    isAtEnd = false
    takeHead()
  }

  /// The memory that it holds of the file.
  package var heldBytes: Int { buffer.count }

  package mutating func next() -> JournalRecord? {
    while has(1) {
      if let record = record() {
        isDamaged = false
        return record
      }
      damagedBytes += 1
      if !isDamaged { damages += 1 }
      isDamaged = true
      pass(1)
    }
    return nil
  }

  // MARK: -

  private mutating func takeHead() {
    hasHead = has(Self.head.count) && buffer[start..<end].starts(with: Self.head)
    if hasHead { pass(Self.head.count) }
  }

  private mutating func pass(_ count: Int) {
    start += count
    position += count
  }

  /// Whether so many bytes are left; they are in the buffer then.
  private mutating func has(_ count: Int) -> Bool {
    while end - start < count, !isAtEnd, let input {
      if buffer.count - start < count {
        buffer.removeSubrange(..<start)
        end -= start
        start = 0
        let size = max(count, Self.stepBytes)
        buffer.append(contentsOf: repeatElement(0, count: max(size - buffer.count, 0)))
      }
      let free = end..<buffer.count
      let got = unsafe buffer.withUnsafeMutableBytes { memory in
        let rest = unsafe UnsafeMutableRawBufferPointer(rebasing: memory[free])
        return unsafe read(input.descriptor, rest.baseAddress, rest.count)
      }
      if got < 0, errno == EINTR { continue }
      if got < 0 { failure = FileError(path: path, operation: .read, code: errno) }
      isAtEnd = got <= 0
      end += max(got, 0)
    }
    return end - start >= count
  }

  /// Takes the record that starts here; nil, and nothing is taken, where there is none.
  private mutating func record() -> JournalRecord? {
    let head = JournalRecord.headBytes
    guard has(head + 1) else { return nil }
    let length = Int(Envelope.word(buffer, at: start))
    guard length >= 1, length <= JournalRecord.byteLimit, (1...4).contains(buffer[start + head]),
      has(head + length), vain < Self.vainLimit
    else { return nil }
    let body = start + head..<start + head + length
    guard Self.fields(buffer[body]) == length else { return nil }
    var crc = CRC32C()
    crc.update(buffer.span.extracting(body))
    guard crc.value == Envelope.word(buffer, at: start + 4),
      let record = Self.record(buffer[body], isBrief)
    else {
      vain += length
      return nil
    }
    pass(head + length)
    return record
  }

  /// The length that a record's fields ask for; nil where they have no meaning.
  private static func fields(_ bytes: ArraySlice<UInt8>) -> Int? {
    let start = bytes.startIndex
    func word(_ offset: Int) -> Int? {
      guard offset + 4 <= bytes.count else { return nil }
      return (0..<4).reduce(0) { $0 | Int(bytes[start + offset + $1]) << (8 * $1) }
    }
    switch bytes[start] {
    case 1: return 65
    case 2:
      guard bytes.count > 12 else { return nil }
      let values = 12 + Int(bytes[start + 2])
      guard let features = word(values), let outputs = word(values + 24 + 4 * features) else {
        return nil
      }
      return values + 28 + 4 * features + 2 * outputs
    case 3: return bytes.count > 1 ? 12 + Int(bytes[start + 1]) + DeviceTable.window / 8 : nil
    default: return 1
    }
  }

  private static func record(_ bytes: ArraySlice<UInt8>, _ isBrief: Bool) -> JournalRecord? {
    var fields = Fields(rest: bytes)
    guard let type = fields.integer(UInt8.self) else { return nil }
    let record: JournalRecord?
    switch type {
    case 1:
      let text = fields.take(64).flatMap { String(validating: $0, as: UTF8.self) }
      record = text.map { .model(identity: $0) }
    case 2: record = decision(&fields, isBrief).map { .decision($0) }
    case 3: record = device(&fields)
    case 4: record = .devicesEnd
    default: record = nil
    }
    return fields.rest.isEmpty ? record : nil
  }

  private static func decision(_ fields: inout Fields, _ isBrief: Bool) -> JournalledDecision? {
    guard let form = fields.integer(UInt8.self).flatMap(Message.Form.init),
      let deviceBytes = fields.integer(UInt8.self), fields.integer(UInt8.self) == 0,
      let sequence = fields.integer(UInt64.self), let device = fields.take(Int(deviceBytes)),
      let values = fields.integers(UInt32.self, isBrief), let label = fields.integer(Int32.self),
      let margin = fields.integer(Int64.self), let score = fields.integer(Int64.self),
      let codes = fields.integers(Int16.self, false)
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

    /// A `u32` count and so many integers, or none of them where they are passed over.
    mutating func integers<T: FixedWidthInteger>(_ type: T.Type, _ isPassed: Bool) -> [T]? {
      guard let count = integer(UInt32.self), Int(count) <= rest.count / (T.bitWidth / 8) else {
        return nil
      }
      if isPassed { return take(Int(count) * (T.bitWidth / 8)).map { _ in [] } }
      return (0..<count).compactMap { _ in integer(type) }
    }
  }
}
