// SPDX-License-Identifier: Apache-2.0
@testable import NNQGateway

/// The first line is a pattern, the second one a filter, the rest a topic. The device that a topic names
/// is a piece of it, and an answer's topic has it as often as the pattern says.
func fuzzTopic(_ bytes: [UInt8]) {
  let lines = bytes.split(separator: 0x0A, maxSplits: 2, omittingEmptySubsequences: false)
  guard lines.count == 3 else { return }
  let name = Array(lines[2])
  var device: [UInt8] = []
  if let level = TopicLevel(filter: String(decoding: lines[1], as: UTF8.self)) {
    level.append(of: name.span, to: &device)
    must(device.count <= name.count && !device.contains(0x2F))
  }
  let text = String(decoding: lines[0], as: UTF8.self)
  guard let pattern = TopicPattern(text) else { return }
  var topic: [CChar] = []
  pattern.write(device[...], to: &topic)
  must(topic.last == 0)
  must(topic.count <= (text.utf8.count + 1) * (device.count + 1))
}
