// SPDX-License-Identifier: Apache-2.0

/// One message in a model's order of features. One value is filled again and again, so that reading a
/// message allocates nothing.
package struct Message: Sendable {
  package enum Form: UInt8, Sendable {
    /// Readings in the features' units; NaN where one is missing.
    case readings = 1
    /// Raw sensor counts.
    case counts = 2
  }

  /// The longest name of a device.
  package static let deviceBytes = 64

  /// UTF-8 without control characters, characters that are none, `"`, `\`, `+` and `#`; empty when the message names none.
  package var device: [UInt8] = []
  /// Below 2^63; nil when the message has none.
  package var sequence: UInt64?
  package var form = Form.readings
  /// `[features]`, when ``form`` is readings.
  package var readings: [Float]
  /// `[features]`, when ``form`` is counts.
  package var counts: [Int32]
  /// `[features]`, which of them the message has named so far.
  var isNamed: [Bool]
  /// Whether its values stood in the model's order, without names.
  var isPositional = false
  /// The feature that a fault is about.
  package var faultFeature: Int?

  /// An empty message for so many features.
  package init(features: Int) {
    device.reserveCapacity(Self.deviceBytes)
    readings = [Float](repeating: .nan, count: features)
    counts = [Int32](repeating: 0, count: features)
    isNamed = [Bool](repeating: false, count: features)
  }

  package var features: Int { readings.count }

  /// Forgets all that was read.
  mutating func reset() {
    device.removeAll(keepingCapacity: true)
    sequence = nil
    form = .readings
    isPositional = false
    faultFeature = nil
    resetFeatures()
  }

  mutating func resetFeatures() {
    for index in readings.indices { readings[index] = .nan }
    for index in isNamed.indices { isNamed[index] = false }
  }

  /// Takes the name of a device; where it is none, the message has no name then.
  mutating func setDevice(_ bytes: Span<UInt8>) throws(MessageFault) {
    device.removeAll(keepingCapacity: true)
    guard Self.isDevice(bytes) else { throw .badDevice }
    for index in bytes.indices { device.append(bytes[index]) }
  }

  private static func isDevice(_ bytes: Span<UInt8>) -> Bool {
    guard !bytes.isEmpty, bytes.count <= deviceBytes else { return false }
    var isPlain = true
    for index in bytes.indices {
      switch bytes[index] {
      case ..<0x20, 0x7F, 0x22, 0x5C, 0x2B, 0x23: return false
      case 0x80...: isPlain = false
      default: break
      }
    }
    if isPlain { return true }
    // A broker takes no topic with control characters of the second page or characters that are none.
    guard let text = String(validating: bytes.indices.map { bytes[$0] }, as: UTF8.self) else {
      return false
    }
    return text.unicodeScalars.allSatisfy {
      !(0x80...0x9F).contains($0.value) && !$0.properties.isNoncharacterCodePoint
    }
  }
}
