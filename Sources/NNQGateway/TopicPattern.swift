// SPDX-License-Identifier: Apache-2.0

/// The topic of an answer: text in which `%d` stands for the device and `%%` for a percent sign.
package struct TopicPattern: Equatable, Sendable {
  /// The bytes between the devices.
  private let parts: [[UInt8]]

  /// Nil when a percent sign stands before anything else, for text with a byte that is 0, `+` or `#`,
  /// of which no topic has any, and for none.
  package init?(_ text: String) {
    var parts: [[UInt8]] = [[]]
    var isEscape = false
    for byte in text.utf8 {
      guard ![0, UInt8(ascii: "+"), UInt8(ascii: "#")].contains(byte) else { return nil }
      if isEscape {
        switch byte {
        case UInt8(ascii: "d"): parts.append([])
        case UInt8(ascii: "%"): parts[parts.count - 1].append(byte)
        default: return nil
        }
        isEscape = false
      } else if byte == UInt8(ascii: "%") {
        isEscape = true
      } else {
        parts[parts.count - 1].append(byte)
      }
    }
    guard !isEscape, !text.isEmpty else { return nil }
    self.parts = parts
  }

  /// For each level of the topic the bytes between the devices.
  var levels: [[[UInt8]]] {
    var levels: [[[UInt8]]] = [[[]]]
    for (index, part) in parts.enumerated() {
      if index > 0 { levels[levels.count - 1].append([]) }
      for (place, piece) in part.split(
        separator: UInt8(ascii: "/"), omittingEmptySubsequences: false
      ).enumerated() {
        if place > 0 { levels.append([[]]) }
        levels[levels.count - 1][levels[levels.count - 1].count - 1] += piece
      }
    }
    return levels
  }

  /// Whether a device has answers of its own levels: one with a `/` in its name would choose others.
  package func takes(_ device: some Sequence<UInt8>) -> Bool {
    parts.count == 1 || !device.contains(UInt8(ascii: "/"))
  }

  /// Writes the topic of a device's answers with a byte 0 behind it, as C has it.
  package func write(_ device: ArraySlice<UInt8>, to topic: inout [CChar]) {
    topic.removeAll(keepingCapacity: true)
    for (index, part) in parts.enumerated() {
      if index > 0 { for byte in device { topic.append(CChar(bitPattern: byte)) } }
      for byte in part { topic.append(CChar(bitPattern: byte)) }
    }
    topic.append(0)
  }
}

/// Which level of a message's topic names the device: that of a filter's first `+`.
package struct TopicLevel: Equatable, Sendable {
  private let level: Int

  /// Nil for a filter without a `+`.
  package init?(filter: String) {
    let levels = filter.split(separator: "/", omittingEmptySubsequences: false)
    guard let level = levels.firstIndex(of: "+") else { return nil }
    self.level = level
  }

  /// Appends the level of a topic; nothing where the topic has fewer.
  package func append(of topic: Span<UInt8>, to bytes: inout [UInt8]) {
    var current = 0
    for index in topic.indices {
      if topic[index] == UInt8(ascii: "/") {
        current += 1
      } else if current == level {
        bytes.append(topic[index])
      }
    }
  }
}
