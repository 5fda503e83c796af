// SPDX-License-Identifier: Apache-2.0
import NNQFormat

/// What a journal holds, one after another: `u32` length, `u32` CRC-32C of the rest, and
///
/// | type | the rest, all integers little-endian |
/// |---|---|
/// | `u8` 1 model | the 64 hexadecimal digits of its hash: it made the decisions that follow |
/// | `u8` 2 decision | `u8` form, `u8` bytes of the device, `u8` 0, `u64` sequence (all ones: none), the device, `u32` features, `u32` each a reading's or count's bits, `i32` label, `i64` margin, `i64` score, `u32` outputs, `i16` each code |
/// | `u8` 3 device | `u8` bytes of the name, `u16` 0, `u64` highest sequence, the name, `u64[16]` seen |
/// | `u8` 4 | nothing: all devices known before the first decision of this file stand above |
package enum JournalRecord: Equatable, Sendable {
  case model(identity: String)
  case decision(JournalledDecision)
  case device(name: [UInt8], highest: UInt64, seen: [UInt64])
  case devicesEnd

  /// The bytes before the rest.
  static let headBytes = 8
  /// A message that fits a line or frame never makes a longer record.
  static let byteLimit = 1 << 20

  static func appendModel(_ identity: String, to bytes: inout [UInt8]) {
    append(type: 1, to: &bytes) { $0.append(contentsOf: identity.utf8) }
  }

  static func append(_ message: Message, _ decision: Decision, to bytes: inout [UInt8]) {
    append(type: 2, to: &bytes) { bytes in
      bytes.append(message.form.rawValue)
      bytes.append(UInt8(truncatingIfNeeded: message.device.count))
      bytes.append(0)
      bytes.append(littleEndian: message.sequence ?? Frame.noSequence)
      bytes.append(contentsOf: message.device)
      bytes.append(littleEndian: UInt32(message.features))
      for index in 0..<message.features {
        bytes.append(
          littleEndian: message.form == .counts
            ? UInt32(bitPattern: message.counts[index]) : message.readings[index].bitPattern)
      }
      bytes.append(littleEndian: decision.label)
      bytes.append(littleEndian: decision.margin)
      bytes.append(littleEndian: decision.score)
      bytes.append(littleEndian: UInt32(decision.codes.count))
      for code in decision.codes { bytes.append(littleEndian: code) }
    }
  }

  static func append(device: Int, of devices: DeviceTable, to bytes: inout [UInt8]) {
    let name = devices.name(device)
    append(type: 3, to: &bytes) { bytes in
      bytes.append(UInt8(truncatingIfNeeded: name.count))
      bytes.append(littleEndian: UInt16(0))
      bytes.append(littleEndian: devices.highest(device))
      bytes.append(contentsOf: name)
      for word in devices.seen(device) { bytes.append(littleEndian: word) }
    }
  }

  static func appendDevicesEnd(to bytes: inout [UInt8]) { append(type: 4, to: &bytes) { _ in } }

  private static func append(
    type: UInt8, to bytes: inout [UInt8], _ rest: (inout [UInt8]) -> Void
  ) {
    let start = bytes.count
    bytes.append(littleEndian: UInt64(0))
    bytes.append(type)
    rest(&bytes)
    let body = start + headBytes
    let length = UInt32(bytes.count - body)
    var crc = CRC32C()
    crc.update(bytes.span.extracting(body..<bytes.count))
    for index in 0..<4 {
      bytes[start + index] = UInt8(truncatingIfNeeded: length >> UInt32(8 * index))
      bytes[start + 4 + index] = UInt8(truncatingIfNeeded: crc.value >> UInt32(8 * index))
    }
  }
}

/// A decision as a journal holds it.
package struct JournalledDecision: Equatable, Sendable {
  package var form: Message.Form
  package var device: [UInt8]
  package var sequence: UInt64?
  /// Bit patterns of readings or counts.
  package var values: [UInt32]
  package var label: Int32
  package var margin: Int64
  package var score: Int64
  package var codes: [Int16]

  /// Without its input, flags and their margins.
  var decision: Decision {
    var decision = Decision()
    decision.label = label
    decision.margin = margin
    decision.score = score
    decision.codes = codes
    return decision
  }
}
