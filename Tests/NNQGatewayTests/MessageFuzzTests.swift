// SPDX-License-Identifier: Apache-2.0
import NNQFormat
@testable import NNQGateway
import NNQTestSupport
import Testing

@Suite struct MessageFuzzTests {
  private let seeds = [
    "{\"device\":\"a\",\"seq\":1,\"x\":{\"speed\":1.5e3,\"load\":null}}",
    "{\"counts\":[1,-2,3],\"device\":\"\\u00e4\\ud83d\\ude00\",\"a\":[{\"b\":[true,false]}]}",
    "{\"x\":[0.1,1e-400,12345678901234567890123,-0.0]}",
  ]

  @Test("answers any line with one line, whatever the bytes", arguments: 0..<40)
  func lines(seed: Int) throws {
    var engine = try motorEngine()
    var random = TestRandom(seed: UInt64(seed))
    for _ in 0..<500 {
      var line = Array((seeds.randomElement(using: &random) ?? "").utf8)
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        let place = Int.random(in: 0..<line.count, using: &random)
        switch Int.random(in: 0..<4, using: &random) {
        case 0: line[place] = UInt8.random(in: 0...255, using: &random)
        case 1: line.remove(at: place)
        case 2: line.insert(contentsOf: line[place...].prefix(9), at: place)
        default: line[place] = Array("{}[]\",:\\0-.eE".utf8).randomElement(using: &random) ?? 0
        }
      }
      line.removeAll { $0 == 0x0A }
      var reply: [UInt8] = []
      engine.answer(line: line.span, into: &reply)
      #expect(reply.first == 0x7B && reply.last == 0x0A)
      #expect(reply.count { $0 == 0x0A } == 1)
    }
  }

  @Test("answers any frame with one frame, whatever the bytes", arguments: 0..<40)
  func frames(seed: Int) throws {
    var engine = try motorEngine()
    var random = TestRandom(seed: UInt64(seed))
    for _ in 0..<200 {
      var frame = Frame.request(
        .readings, device: [0x61], sequence: 1,
        values: (0..<22).map { _ in UInt32.random(in: 0 ... .max, using: &random) })
      for _ in 0..<Int.random(in: 0...3, using: &random) {
        frame[Int.random(in: 0..<frame.count, using: &random)] = UInt8.random(
          in: 0...255, using: &random)
      }
      var reply: [UInt8] = []
      engine.answer(wholeFrame: frame.span, into: &reply)
      #expect(reply.count >= 28 && reply[0] == 0xF1)
    }
  }

  @Test("refuses a frame with any one bit flipped")
  func flippedBits() throws {
    var engine = try motorEngine()
    let frame = Frame.request(
      .readings, device: [0x61], sequence: 1, values: [UInt32](repeating: 0, count: 22))
    for bit in 0..<frame.count * 8 {
      var changed = frame
      changed[bit / 8] ^= 1 << UInt8(bit % 8)
      var reply: [UInt8] = []
      engine.answer(wholeFrame: changed.span, into: &reply)
      #expect(reply[2] == 4, "bit \(bit)")
    }
  }

  @Test("reads every number as the standard library does", arguments: 0..<20)
  func numbers(seed: Int) throws {
    let names = FeatureNames([Feature(name: "a")])
    var random = TestRandom(seed: UInt64(seed))
    for _ in 0..<300 {
      let digits = (0..<Int.random(in: 1...25, using: &random)).map { _ in
        String(Int.random(in: 0...9, using: &random))
      }.joined()
      var text = "\(Int.random(in: 1...9, using: &random)).\(digits)"
      if Bool.random(using: &random) { text += "e\(Int.random(in: -45...38, using: &random))" }
      if Bool.random(using: &random) { text = "-" + text }
      guard let expected = Double(text), Float(expected).isFinite else { continue }
      let line = Array("{\"x\":{\"a\":\(text)}}".utf8)
      var message = Message(features: 1)
      try message.read(json: line.span, names)
      #expect(message.readings[0] == Float(expected), "\(text)")
    }
  }
}
