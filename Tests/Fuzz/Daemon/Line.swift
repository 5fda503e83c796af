// SPDX-License-Identifier: Apache-2.0
import NNQFiles

@testable import NNQGateway

/// One with counts and one with a category column; made once, because that takes longer than an answer.
private let ready = [
  "models/motor-fault/model.int8.bin", "Tests/Fuzz/Daemon/categories.bin",
].map { path in
  var engine = Engine(deviceLimit: 16, keepsRecords: true, keepsStatistics: true)
  if let model = try? GatewayModel(readFile(path), name: "fuzzed") { engine.use(model) }
  engine.confirm()
  return engine
}

/// Any line has one line as its answer; the same line again is a duplicate or is refused again.
func fuzzLine(_ bytes: [UInt8]) {
  let line = bytes.filter { $0 != 0x0A }
  for engine in ready { fuzz(line, engine) }
}

private func fuzz(_ line: [UInt8], _ fresh: Engine) {
  var engine = fresh
  must(engine.model != nil)
  var reply: [UInt8] = []
  engine.answer(line: line.span, into: &reply)
  must(reply.first == 0x7B && reply.last == 0x0A)
  must(reply.count { $0 == 0x0A } == 1 && reply.count < 1 << 14)
  must(String(validating: reply, as: UTF8.self) != nil)
  let decisions = engine.counters.decisions
  must(decisions == 1 || engine.records.isEmpty)
  engine.answer(line: line.span, into: &reply)
  must(decisions == 1 || engine.counters.decisions == 0)
}
