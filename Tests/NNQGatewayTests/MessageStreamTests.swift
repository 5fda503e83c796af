// SPDX-License-Identifier: Apache-2.0
import NNQGateway
import NNQTestSupport
import Testing

@Suite struct MessageStreamTests {
  /// All pieces of some bytes that come in steps of at most so many, as text.
  private func pieces(_ bytes: [UInt8], step: Int) -> [String] {
    var stream = MessageStream()
    var result: [String] = []
    var rest = bytes[...]
    while !rest.isEmpty {
      let taken = stream.read(rest.prefix(step))
      rest = rest.dropFirst(taken)
      while let piece = stream.next() {
        switch piece {
        case .line(let range): result.append(String(decoding: stream.buffer[range], as: UTF8.self))
        case .frame(let range): result.append("frame \(range.count)")
        case .fault(let fault): result.append(fault.name)
        }
      }
    }
    return result
  }

  private let frame = Frame.request(.counts, device: [0x61], sequence: 1, values: [10, 2])

  @Test("cuts lines and frames wherever the stream is broken", arguments: [1, 2, 3, 7, 1000])
  func pieces(step: Int) {
    let bytes = Array("one\n\ntwo\r\n".utf8) + frame + frame + Array("three\n".utf8)
    #expect(
      pieces(bytes, step: step)
        == ["one", "two\r", "frame \(frame.count)", "frame \(frame.count)", "three"])
  }

  @Test("drops a line of ten megabytes in constant memory and goes on", arguments: [100, 100_000])
  func longLine(step: Int) {
    let bytes = [UInt8](repeating: 0x61, count: 10_000_000) + Array("\nnext\n".utf8)
    #expect(pieces(bytes, step: step) == ["too-long", "next"])
  }

  @Test("takes a line of exactly the cap and not of one byte more")
  func cap() {
    let cap = MessageStream.messageBytes
    for (count, expected) in [(cap, cap), (cap + 1, 8)] {
      let found = pieces([UInt8](repeating: 0x20, count: count) + [10], step: 1 << 20)
      #expect(found.map(\.utf8.count) == [expected])
    }
  }

  @Test("finds the next frame or line after garbage", arguments: [1, 5, 1000])
  func garbage(step: Int) {
    var broken = frame
    broken[4] = 1
    #expect(pieces(broken + [10] + Array("ok\n".utf8), step: step).contains("bad-frame"))
    #expect(pieces(broken + [10] + Array("ok\n".utf8), step: step).last == "ok")
    #expect(
      pieces([0xF1, 0x00, 0x01] + frame, step: step) == ["bad-frame", "frame \(frame.count)"])
  }

  @Test("never fails, whatever the bytes", arguments: 0..<50)
  func random(seed: Int) {
    var random = TestRandom(seed: UInt64(seed))
    let bytes = (0..<5000).map { _ in
      [0x0A, 0xF1, 0x6E, 1, 0, 60, UInt8.random(in: 0...255, using: &random)]
        .randomElement(using: &random) ?? 0
    }
    #expect(pieces(bytes, step: 64) == pieces(bytes, step: 5000))
  }
}
