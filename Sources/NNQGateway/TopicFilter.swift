// SPDX-License-Identifier: Apache-2.0

/// A filter of topics as MQTT 3.1.1 has it, section 4.7.
package struct TopicFilter: Equatable, Sendable {
  private let levels: [Substring]

  /// Nil for text that is no filter: `+` and `#` stand for whole levels, `#` for the last ones.
  package init?(_ text: String) {
    guard !text.isEmpty, text.utf8.count <= 65_535, !text.utf8.contains(0) else { return nil }
    var levels = text.split(separator: "/", omittingEmptySubsequences: false)
    for (index, level) in levels.enumerated() where level != "+" {
      if level == "#", index == levels.count - 1 { continue }
      guard !level.contains("+"), !level.contains("#") else { return nil }
    }
    // A broker that shares a subscription among several clients.
    if levels.count > 2, levels[0] == "$share" { levels.removeFirst(2) }
    self.levels = levels
  }

  /// Whether some device has answers of this topic that the filter takes in.
  package func mayMatch(_ answers: TopicPattern) -> Bool {
    let topic = answers.levels
    // No wildcard stands for the first level of the broker's own topics.
    if levels[0] == "+" || levels[0] == "#", topic[0].first?.first == UInt8(ascii: "$") {
      return false
    }
    for (index, level) in levels.enumerated() {
      if level == "#" { return true }
      guard index < topic.count else { return false }
      if level != "+", !Self.mayBe(Array(level.utf8), topic[index]) { return false }
    }
    return levels.count == topic.count
  }

  /// - Parameter parts: what stands between the devices.
  private static func mayBe(_ level: [UInt8], _ parts: [[UInt8]]) -> Bool {
    guard let first = parts.first, let last = parts.last, parts.count > 1 else {
      return parts == [level]
    }
    return level.count >= first.count + last.count && level.starts(with: first)
      && level.suffix(last.count).elementsEqual(last)
  }
}
