// SPDX-License-Identifier: Apache-2.0
import NNQFormat

/// Binary messages. All integers are little-endian; a frame ends with the CRC-32C of all before it.
///
/// | byte | request | decision | error |
/// |--:|---|---|---|
/// | 0 | `F1 6E` | `F1 6E` | `F1 6E` |
/// | 2 | u8 1 readings, 2 counts | u8 3 | u8 4 |
/// | 3 | u8 bytes of the device | same | same |
/// | 4 | u32 bytes of the frame | same | same |
/// | 8 | u64 sequence, all ones: none | same | same |
/// | 16 | u32 features | i32 label or -1 | u32 fault |
/// | 20 | the device | u32 0 new, 1 duplicate, 3 and its answer is not known | u32 feature, all ones: none |
/// | 24 | | i64 margin | the device |
/// | 32 | | i64 score | |
/// | 40 | | the first 8 bytes of the model's hash | |
/// | 48 | | u32 outputs | |
/// | 52 | | the device | |
///
/// After the device a request has its values, `f32` readings (NaN: missing) or `i32` counts in the
/// model's order, and a decision its output codes as `i16`.
package enum Frame {
  static let magic: UInt8 = 0xF1
  static let secondMagic: UInt8 = 0x6E
  /// The bytes that tell the length.
  static let prefixBytes = 8
  private static let requestHead = 20
  private static let decisionHead = 52
  private static let checksumBytes = 4
  static let noSequence = UInt64.max

  package enum Kind: UInt8, Sendable {
    case readings = 1
    case counts = 2
    case decision = 3
    case error = 4
  }

  /// The length of the frame that starts at a byte; nil when its head has no meaning.
  static func length(_ bytes: [UInt8], at start: Int) -> Int? {
    guard bytes[start + 1] == secondMagic, let kind = Kind(rawValue: bytes[start + 2]),
      kind == .readings || kind == .counts
    else { return nil }
    let length = Int(Envelope.word(bytes, at: start + 4))
    let shortest = requestHead + Int(bytes[start + 3]) + checksumBytes
    guard length >= shortest, length <= MessageStream.messageBytes else { return nil }
    return length
  }

  /// Whether the head of some bytes has a meaning and states their length.
  static func isPlausible(_ bytes: Span<UInt8>) -> Bool {
    guard bytes.count >= prefixBytes, bytes.count <= MessageStream.messageBytes else {
      return false
    }
    let prefix = (0..<prefixBytes).map { bytes[$0] }
    return prefix[0] == magic && length(prefix, at: 0) == bytes.count
  }

  /// A request; `values` are readings or counts as bit patterns.
  package static func request(
    _ kind: Kind, device: [UInt8], sequence: UInt64?, values: [UInt32]
  ) -> [UInt8] {
    var bytes: [UInt8] = []
    begin(kind, device: device, sequence: sequence, to: &bytes)
    bytes.append(littleEndian: UInt32(values.count))
    bytes.append(contentsOf: device)
    for value in values { bytes.append(littleEndian: value) }
    finish(from: 0, &bytes)
    return bytes
  }

  enum Arrival: UInt32 {
    case new = 0
    case duplicate = 1
    case forgotten = 3
  }

  static func append(
    _ decision: Decision, of message: Message, _ arrival: Arrival, model: UInt64,
    to bytes: inout [UInt8]
  ) {
    let start = bytes.count
    begin(.decision, device: message.device, sequence: message.sequence, to: &bytes)
    bytes.append(littleEndian: decision.label)
    bytes.append(littleEndian: arrival.rawValue)
    bytes.append(littleEndian: decision.margin)
    bytes.append(littleEndian: decision.score)
    bytes.append(littleEndian: model.byteSwapped)
    bytes.append(littleEndian: UInt32(decision.codes.count))
    bytes.append(contentsOf: message.device)
    for code in decision.codes { bytes.append(littleEndian: code) }
    finish(from: start, &bytes)
  }

  static func append(
    _ fault: MessageFault, of message: Message, to bytes: inout [UInt8]
  ) {
    let start = bytes.count
    begin(.error, device: message.device, sequence: message.sequence, to: &bytes)
    bytes.append(littleEndian: UInt32(fault.rawValue))
    bytes.append(littleEndian: message.faultFeature.map { UInt32($0) } ?? .max)
    bytes.append(contentsOf: message.device)
    finish(from: start, &bytes)
  }

  /// The error with the device and the number of a decision's frame.
  static func appendRefusal(
    _ fault: MessageFault, of decision: ArraySlice<UInt8>, to bytes: inout [UInt8]
  ) {
    let start = decision.startIndex
    var message = Message(features: 0)
    let number = (8..<16).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64(decision[start + $1]) }
    message.sequence = number == noSequence ? nil : number
    let device = start + decisionHead
    message.device = Array(decision[device..<device + Int(decision[start + 3])])
    append(fault, of: message, to: &bytes)
  }

  // MARK: -

  private static func begin(
    _ kind: Kind, device: [UInt8], sequence: UInt64?, to bytes: inout [UInt8]
  ) {
    bytes.append(magic)
    bytes.append(secondMagic)
    bytes.append(kind.rawValue)
    bytes.append(UInt8(truncatingIfNeeded: device.count))
    bytes.append(littleEndian: UInt32(0))
    bytes.append(littleEndian: sequence ?? noSequence)
  }

  /// Puts the length and the checksum in.
  private static func finish(from start: Int, _ bytes: inout [UInt8]) {
    let length = UInt32(bytes.count - start + checksumBytes)
    for index in 0..<4 {
      bytes[start + 4 + index] = UInt8(truncatingIfNeeded: length >> UInt32(8 * index))
    }
    bytes.append(littleEndian: crc32c(bytes[start...]))
  }
}

extension Message {
  /// Reads a whole frame whose head ``Frame/length(_:at:)`` has accepted.
  ///
  /// - Throws: ``MessageFault``; what was read before the fault stays.
  mutating func read(frame: Span<UInt8>) throws(MessageFault) {
    reset()
    let body = frame.count - 4
    func word(_ start: Int) -> UInt32 {
      (0..<4).reduce(0) { $0 | UInt32(frame[start + $1]) << UInt32(8 * $1) }
    }
    var crc = CRC32C()
    crc.update(frame.extracting(0..<body))
    guard crc.value == word(body) else { throw .checksum }
    let number = UInt64(word(8)) | UInt64(word(12)) << 32
    let deviceBytes = Int(frame[3])
    if deviceBytes > 0 { try setDevice(frame.extracting(20..<20 + deviceBytes)) }
    if number != Frame.noSequence {
      guard number < 1 << 63 else { throw .badSequence }
      sequence = number
    }
    let start = 20 + deviceBytes
    guard Int(word(16)) == features, body - start == 4 * features else { throw .wrongWidth }
    isPositional = true
    form = frame[2] == Frame.Kind.counts.rawValue ? .counts : .readings
    for index in 0..<features {
      let value = word(start + 4 * index)
      isNamed[index] = true
      if form == .counts {
        counts[index] = Int32(bitPattern: value)
      } else {
        let reading = Float(bitPattern: value)
        guard !reading.isInfinite else {
          faultFeature = index
          throw .notFinite
        }
        readings[index] = reading
      }
    }
  }
}
