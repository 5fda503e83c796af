// SPDX-License-Identifier: Apache-2.0
import NNQGateway
import Testing

@Suite struct TopicPatternTests {
  private func topic(_ pattern: String, _ device: String) -> String? {
    guard let pattern = TopicPattern(pattern) else { return nil }
    var topic: [CChar] = []
    pattern.write(Array(device.utf8)[...], to: &topic)
    return topic.last == 0
      ? String(decoding: topic.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self) : nil
  }

  @Test("puts the device where %d stands, and a percent sign for two")
  func patterns() {
    #expect(topic("a/%d/b", "press") == "a/press/b")
    #expect(topic("%d%d/%%d", "ä") == "ää/%d")
    #expect(topic("answers", "press") == "answers")
    // The device is taken as it is.
    #expect(topic("%d", "%d") == "%d")
    #expect(topic("%d", "") == "")
  }

  @Test("takes no device whose name has levels of its own where it stands in the topic")
  func levelsOfDevices() throws {
    let pattern = try #require(TopicPattern("a/%d"))
    #expect(pattern.takes("b".utf8) && !pattern.takes("b/c".utf8))
    #expect(try #require(TopicPattern("a")).takes("b/c".utf8))
  }

  @Test(
    "has no meaning with another escape or a wildcard",
    arguments: ["a/%s", "%", "50 %", "%d%", "a\0b", "b/+", "#", ""])
  func noMeaning(text: String) { #expect(TopicPattern(text) == nil) }

  @Test(
    "takes the device from the level of the first +",
    arguments: [
      ("plant/+/+/x", "plant/press/motor9/x", "press"), ("+", "a", "a"), ("a/+/#", "a//b", ""),
      ("a/+/#", "a", ""), ("/+", "/ä/b", "ä"),
    ])
  func levels(filter: String, topic: String, device: String) throws {
    let level = try #require(TopicLevel(filter: filter))
    var bytes: [UInt8] = []
    level.append(of: Array(topic.utf8).span, to: &bytes)
    #expect(String(decoding: bytes, as: UTF8.self) == device)
    #expect(TopicLevel(filter: "a/b/#") == nil)
  }
}
