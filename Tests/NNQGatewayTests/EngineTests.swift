// SPDX-License-Identifier: Apache-2.0
import NNQFormat
import NNQGateway
import NNQQuantize
import NNQState
import NNQTestSupport
import Testing

@Suite struct EngineTests {
  @Test("answers the golden readings and counts with the golden verdicts, by name in any order")
  func golden() throws {
    var engine = try motorEngine()
    let features = try #require(engine.model).model.features.map(\.name)
    for (file, key) in [("golden.csv", "x"), ("golden-counts.csv", "counts")] {
      for (row, cells) in try goldenRows(file).enumerated() {
        var random = TestRandom(seed: UInt64(row))
        for names in [features, features.shuffled(using: &random)] {
          let members = names.map { "\"\($0)\":\(cells[$0] ?? "")" }
          let reply = engine.answer("{\"\(key)\":{\(members.joined(separator: ","))}}")
          let codes = (0..<5).compactMap { Int(cells["y\($0)"] ?? "") }.sorted()
          let verdict = try #require(cells["answer"])
          let model = try #require(engine.model).identity.prefix(16)
          #expect(
            reply
              == "{\"verdict\":\"\(verdict)\",\"margin\":\(codes[4] - codes[3]),"
              + "\"score\":\(codes[4]),\"model\":\"\(model)\"}\n")
        }
      }
    }
  }

  @Test("answers a binary frame with the codes of the same JSON message")
  func frames() throws {
    var engine = try motorEngine()
    let names = try #require(engine.model).model.features.map(\.name)
    for (row, cells) in try goldenRows("golden-counts.csv").enumerated() {
      let counts = names.compactMap { Int32(cells[$0] ?? "") }
      let frame = Frame.request(
        .counts, device: Array("m".utf8), sequence: UInt64(row),
        values: counts.map { UInt32(bitPattern: $0) })
      let reply = engine.answer(frame: frame)
      let codes = (0..<5).compactMap { Int16(cells["y\($0)"] ?? "") }
      let expected = codes.flatMap {
        [UInt8(truncatingIfNeeded: $0), UInt8(truncatingIfNeeded: $0 >> 8)]
      }
      #expect(reply.count == 53 + 10 + 4)
      #expect(Array(reply[53..<63]) == expected)
      #expect(reply[2] == 3)
      #expect(reply[8] == UInt8(row))
    }
  }

  @Test(
    "refuses what is no message, says why and counts it",
    arguments: [
      ("{", MessageFault.malformed), ("", .malformed), ("[]", .malformed), ("{}", .noFeatures),
      ("{\"x\":[1]} x", .wrongWidth), ("{\"x\":{\"speed\":01}}", .malformed),
      ("{\"x\":{\"speed\":+1}}", .malformed), ("{\"x\":{\"speed\":1.}}", .malformed),
      ("{\"x\":{\"speed\":NaN}}", .malformed), ("{\"x\":{\"speed\":1e99}}", .notFinite),
      ("{\"x\":{\"speed\":\"1\"}}", .wrongType),
      ("{\"x\":{\"speed\":1,\"speed\":1}}", .duplicateKey),
      ("{\"x\":{\"sped\":1}}", .unknownFeature), ("{\"x\":{\"speed\":1}}", .missingFeature),
      ("{\"counts\":{\"speed\":1.5}}", .badCount), ("{\"counts\":{\"speed\":1}}", .missingFeature),
      ("{\"counts\":{\"speed\":4294967296}}", .badCount),
      ("{\"device\":\"a\",\"x\":5}", .wrongType),
      ("{\"x\":{},\"counts\":{}}", .noFeatures), ("{\"device\":\"\",\"x\":{}}", .badDevice),
      ("{\"device\":\"a\",\"device\":\"a\",\"x\":{}}", .duplicateKey),
      ("{\"seq\":-1}", .badSequence),
      ("{\"seq\":1.5}", .badSequence), ("{\"device\":\"a\\u0000\"}", .badDevice),
      ("{\"device\":\"a\\u0085\"}", .badDevice), ("{\"device\":\"a\\ufffe\"}", .badDevice),
      ("{\"a\":\"\\x\"}", .malformed), ("{\"a\":tru}", .malformed), ("{\"a\" 1}", .malformed),
      (
        "{\"a\":" + String(repeating: "[", count: 17) + String(repeating: "]", count: 17) + "}",
        .tooDeep
      ),
    ])
  func refusals(line: String, fault: MessageFault) throws {
    var engine = try motorEngine()
    #expect(engine.answer(line).contains("\"error\":\"\(fault.name)\""))
    #expect(engine.counters.count(of: fault) == 1)
    #expect(engine.counters.decisions == 0)
  }

  @Test(
    "does not repeat what is no name of a device",
    arguments: ["b+", "\\u0085", "\u{85}", "a\\ufffe"])
  func noDevice(name: String) throws {
    var engine = try motorEngine()
    #expect(engine.answer("{\"device\":\"\(name)\"}") == "{\"error\":\"bad-device\"}\n")
    #expect(engine.lastDevice.isEmpty)
    var reply: [UInt8] = []
    let bytes = Array("{\"device\":\"".utf8) + [0xA9] + Array("\"}".utf8)
    engine.answer(line: bytes.span, into: &reply)
    #expect(reply.allSatisfy { $0 < 0x80 })
  }

  @Test("marks a sequence number that was answered before, and refuses one too old to know")
  func sequences() throws {
    var engine = try motorEngine()
    let cells = try #require(try goldenRows("golden-counts.csv").first)
    let names = try #require(engine.model).model.features.map(\.name)
    let values = names.map { cells[$0] ?? "" }.joined(separator: ",")
    func send(_ device: String, _ sequence: Int) -> String {
      engine.answer("{\"device\":\"\(device)\",\"seq\":\(sequence),\"counts\":[\(values)]}")
    }
    #expect(!send("a", 5).contains("duplicate"))
    #expect(send("a", 5).contains("\"duplicate\":true"))
    #expect(!send("b", 5).contains("duplicate"))
    #expect(!send("a", 3).contains("duplicate"))
    #expect(send("a", 3).contains("duplicate"))
    #expect(!send("a", 2000).contains("duplicate"))
    #expect(send("a", 5).contains("\"error\":\"stale\""))
    #expect(engine.counters.decisions == 4)
    #expect(engine.counters.duplicates == 2)
  }

  @Test("answers a number that comes again as it was decided, whatever comes with it")
  func decidedOnce() throws {
    for keepsRecords in [false, true] {
      var engine = Engine(keepsRecords: keepsRecords, keepsStatistics: true)
      engine.use(try motorModel())
      let first = engine.answer(try goldenLine(1, row: 0))
      #expect(first != engine.answer(try goldenLine(2, row: 3)))
      let rows = engine.statistics?.rows
      let marked = first.dropLast(2) + ",\"duplicate\":true}\n"
      for (index, line) in [
        try goldenLine(1, row: 0), try goldenLine(1, row: 3), #"{"device":"a","seq":1,"x":{}}"#,
      ].enumerated() {
        #expect(engine.answer(line) == marked)
        #expect(engine.isHeld == (keepsRecords && index == 0))
        engine.confirm()
        #expect(engine.answer(line) == marked)
        #expect(!engine.isHeld)
      }
      #expect(engine.counters.decisions == 2 && engine.counters.duplicates == 6)
      #expect(engine.counters.forgotten == 0)
      #expect(rows == (keepsRecords ? 0 : 2) && engine.statistics?.rows == 2)
      // A frame says the same.
      let values = [UInt32](repeating: 0, count: try motorModel().features)
      let frame = Frame.request(.counts, device: [0x61], sequence: 1, values: values)
      let again = engine.answer(frame: frame)
      let cells = try goldenRows("golden-counts.csv")[0]
      let codes = (0..<5).compactMap { Int16(cells["y\($0)"] ?? "") }
      #expect(again[20] == 1)
      #expect(
        Array(again[53..<63])
          == codes.flatMap {
            [UInt8(truncatingIfNeeded: $0), UInt8(truncatingIfNeeded: $0 >> 8)]
          })
    }
  }

  @Test("answers a number that comes again with the model that decided it, of the last eight")
  func otherModel() throws {
    let motor = try motorModel()
    var engine = Engine()
    engine.use(motor)
    let first = engine.answer(try goldenLine(1))
    let marked = first.dropLast(2) + ",\"duplicate\":true}\n"
    for seed in UInt64(1)...8 {
      #expect(engine.answer(try goldenLine(1)) == marked, "\(seed)")
      let float = sampleFloatModel(.multiclass, widths: [motor.features, 9, 4], seed: seed)
      let (other, _) = try Int8Model.quantizing(float, QuantizationSettings(), calibration: nil)
      engine.use(try GatewayModel(try Model.int8(other).serialized(), name: "seed\(seed)"))
    }
    // Of the ninth before it only the integers are known, which a frame has and a line does not name.
    #expect(engine.answer(try goldenLine(1)) == "{\"device\":\"a\",\"seq\":1,\"duplicate\":true}\n")
    let values = [UInt32](repeating: 0, count: motor.features)
    let frame = engine.answer(
      frame: Frame.request(.readings, device: [0x61], sequence: 1, values: values))
    #expect(frame[20] == 1 && frame.count == 53 + 10 + 4)
    #expect(engine.counters.forgotten == 1)
  }

  @Test("marks a number whose answer nobody knows any more, as a line and as a frame")
  func forgotten() throws {
    var engine = try motorEngine()
    engine.devices.answers = AnswerMemory(byteLimit: 0)
    #expect(engine.answer(try goldenLine(1)).contains("verdict"))
    #expect(engine.answer(try goldenLine(1)) == "{\"device\":\"a\",\"seq\":1,\"duplicate\":true}\n")
    let values = [UInt32](repeating: 0, count: try motorModel().features)
    let frame = engine.answer(
      frame: Frame.request(.counts, device: [0x61], sequence: 1, values: values))
    #expect(frame.count == 53 + 4 && frame[20] == 3)
    #expect(Array(frame[16..<20]) == [255, 255, 255, 255])
    #expect(engine.counters.forgotten == 2 && engine.counters.duplicates == 2)
  }

  @Test("reads the largest sequence number, and keys with escapes")
  func spellings() throws {
    var engine = try motorEngine()
    let line = try goldenLine(1)
    let largest = line.replacing("\"seq\":1", with: "\"s\\u0065q\":9223372036854775807")
    #expect(engine.answer(largest).contains("\"seq\":9223372036854775807,\"verdict\""))
    let larger = line.replacing("\"seq\":1", with: "\"seq\":9223372036854775808")
    #expect(engine.answer(larger).contains("bad-sequence"))
  }

  @Test("takes no room of the devices for messages that are refused")
  func deviceLimit() throws {
    var engine = Engine(deviceLimit: 2)
    engine.use(try motorModel())
    func line(_ device: String) throws -> String {
      try goldenLine(1).replacing("\"a\"", with: "\"\(device)\"")
    }
    for number in 0..<100 {
      #expect(
        engine.answer("{\"device\":\"refused\(number)\",\"seq\":1,\"x\":{}}")
          .contains("missing-feature"))
    }
    #expect(engine.devices.count == 0)
    for device in ["b", "c", "b", "d"] { _ = engine.answer(try line(device)) }
    #expect(engine.devices.count == 2 && engine.counters.decisions == 2)
    #expect(engine.counters.duplicates == 1 && engine.counters.count(of: .tooManyDevices) == 1)
    // One without a number needs no room.
    #expect(
      engine.answer(try line("d").replacing("\"seq\":1,", with: "")).contains("\"verdict\""))
  }

  @Test("says that there is no model yet")
  func noModel() {
    var engine = Engine()
    #expect(engine.answer("{}") == "{\"error\":\"no-model\"}\n")
    let sender = "{\"device\":\"a\",\"seq\":7,"
    for line in [
      sender + "\"x\":{\"speed\":1}}", "{\"x\":[1,null],\"seq\":7,\"device\":\"a\"}", sender + "x",
    ] {
      #expect(engine.answer(line) == sender + "\"error\":\"no-model\"}\n")
    }
    var answer: [UInt8] = []
    let request = Frame.request(.counts, device: [0x61], sequence: 7, values: [1, 2])
    engine.answer(frame: request.span, into: &answer)
    #expect(answer[2] == 4 && answer[8] == 7 && answer[16] == MessageFault.noModel.rawValue)
    #expect(answer[20..<25] == [255, 255, 255, 255, 0x61])
  }
}
