// SPDX-License-Identifier: Apache-2.0
import NNQFiles
import NNQFormat
import NNQGateway
import NNQQuantize
import NNQSigning
import NNQTestSupport
import Testing

@Suite struct RolloutTests {
  /// Models with the same features: of other weights, or of another width.
  private func candidate(
    seed: UInt64, features: Int = 6, version: UInt64? = nil
  ) throws -> Candidate {
    let float = sampleFloatModel(.multiclass, widths: [features, 9, 4], seed: seed)
    let (model, _) = try Int8Model.quantizing(float, QuantizationSettings(), calibration: nil)
    let bytes = try Model.int8(model).serialized()
    return Candidate(
      model: try GatewayModel(bytes, name: "seed\(seed)"), bytes: bytes, version: version)
  }

  private func limits(flips: Double = 1) -> Rollout.Limits {
    var limits = Rollout.Limits()
    limits.trialMessages = 10
    limits.probationMessages = 30
    limits.maxFlips = flips
    limits.maxSaturated = 1
    return limits
  }

  private func send(_ count: Int, _ engine: inout Engine, from start: Int = 0) {
    for row in start..<start + count {
      let values = (0..<6).map { "\(Double((row * 7 + $0 * 3) % 11) * 0.3)" }
      _ = engine.answer("{\"x\":[\(values.joined(separator: ","))]}")
    }
  }

  @Test("takes a good model through trial, state and probation to the live place")
  func good() throws {
    var engine = Engine()
    let first = try candidate(seed: 1)
    let second = try candidate(seed: 2)
    engine.use(first.model)
    var rollout = Rollout(limits())
    #expect(rollout.offer(first, &engine, now: 0) == nil)
    #expect(rollout.offer(second, &engine, now: 0) == nil)
    send(9, &engine)
    #expect(rollout.advance(&engine, now: 1) == nil)
    send(1, &engine)
    guard case .store(let kept, let state) = rollout.advance(&engine, now: 1) else {
      Issue.record("no state is to be stored")
      return
    }
    #expect(kept?.model.identity == second.model.identity)
    #expect(state.live == second.model.identity && state.previous == first.model.identity)
    #expect(engine.model?.identity == first.model.identity)
    rollout.stored(&engine, now: 2)
    #expect(engine.model?.identity == second.model.identity)
    #expect(rollout.phase.name == "probation")
    send(30, &engine)
    guard case .save(let settled) = rollout.advance(&engine, now: 3) else {
      Issue.record("not settled")
      return
    }
    #expect(settled.previous == nil)
    #expect(rollout.phase.name == "settled" && rollout.swaps == 1)
  }

  @Test("refuses a model that flips too many decisions, and the live one stays")
  func flips() throws {
    var engine = Engine()
    let live = try candidate(seed: 1)
    engine.use(live.model)
    var rollout = Rollout(limits(flips: 0.05))
    _ = rollout.offer(try candidate(seed: 5), &engine, now: 0)
    send(10, &engine)
    guard case .refused(_, .shadow(.flips(let count, of: 10))) = rollout.advance(&engine, now: 1)
    else {
      Issue.record("not refused")
      return
    }
    #expect(count > 0)
    #expect(engine.model?.identity == live.model.identity && rollout.refusals == 1)
  }

  @Test("goes back by itself to the model before when probation shows flips")
  func goesBack() throws {
    var engine = Engine()
    let live = try candidate(seed: 1)
    engine.use(live.model)
    var rollout = Rollout(limits(flips: 0.05))
    _ = rollout.offer(try candidate(seed: 5), &engine, now: 0)
    // Nobody sends during the trial, so that nothing speaks against it.
    guard case .store = rollout.advance(&engine, now: 60_000) else {
      Issue.record("not stored")
      return
    }
    rollout.stored(&engine, now: 60_001)
    send(25, &engine)
    guard case .store(nil, let state) = rollout.advance(&engine, now: 60_002) else {
      Issue.record("does not go back")
      return
    }
    #expect(state.live == live.model.identity)
    rollout.stored(&engine, now: 60_003)
    #expect(engine.model?.identity == live.model.identity && rollout.returns == 1)
  }

  @Test("keeps the live model when the state cannot be written")
  func notStored() throws {
    var engine = Engine()
    let live = try candidate(seed: 1)
    engine.use(live.model)
    var rollout = Rollout(limits())
    rollout.begin(with: try candidate(seed: 1, version: 7))
    let disk = ModelRefusal.store(FileError(path: "live", operation: .write, code: 28))
    for _ in 0..<2 {
      // It is tried again, and one of a lower version than it had is no step back.
      _ = rollout.offer(try candidate(seed: 2, version: 9), &engine, now: 0)
      send(10, &engine)
      _ = rollout.advance(&engine, now: 1)
      #expect(rollout.phase.name == "storing")
      _ = rollout.notStored(disk, &engine)
      #expect(engine.model?.identity == live.model.identity)
      #expect(rollout.phase.name == "settled" && rollout.state == nil && rollout.done == [])
    }
    #expect(rollout.minimumVersion == 7)
    #expect(rollout.offer(try candidate(seed: 3, version: 8), &engine, now: 2) == nil)
    #expect(rollout.phase.name == "trial")
  }

  private func isRefused(
    _ action: Rollout.Action?, _ name: String, _ reason: ModelRefusal
  ) -> Bool {
    guard case .refused(name, reason) = action else { return false }
    return true
  }

  @Test("never lets the version fall, whenever a model of a lower one comes")
  func versions() throws {
    var engine = Engine()
    let first = try candidate(seed: 1, version: 7)
    engine.use(first.model)
    var rollout = Rollout(limits())
    rollout.begin(with: first)
    let down = { ModelRefusal.signature(.downgrade(found: $0, minimum: $1)) }
    #expect(
      isRefused(
        rollout.offer(try candidate(seed: 3, version: 3), &engine, now: 0), "seed3", down(3, 7)))

    // A lower one waits for the end of the trial, a higher one takes the candidate's place.
    let ninth = try candidate(seed: 9, version: 9)
    #expect(rollout.offer(ninth, &engine, now: 0) == nil)
    let eighth = try candidate(seed: 8, version: 8)
    #expect(rollout.offer(eighth, &engine, now: 0) == nil)
    let tenth = try candidate(seed: 10, version: 10)
    #expect(
      isRefused(rollout.offer(tenth, &engine, now: 0), "seed9", .superseded(by: "seed10")))
    send(10, &engine)
    guard case .store(let kept, let state) = rollout.advance(&engine, now: 1) else {
      Issue.record("not stored")
      return
    }
    #expect(kept?.version == 10 && state.version == 10)
    // Of two that wait, one is refused at once and the other when its turn comes.
    #expect(
      isRefused(
        rollout.offer(try candidate(seed: 11, version: 7), &engine, now: 1), "seed11",
        .superseded(by: "seed8")))
    rollout.stored(&engine, now: 2)
    send(30, &engine)
    _ = rollout.advance(&engine, now: 3)
    #expect(isRefused(rollout.advance(&engine, now: 4), "seed8", down(8, 10)))
    #expect(rollout.phase.name == "settled" && rollout.refusals == 4 && rollout.swaps == 1)
    #expect(engine.model?.identity == tenth.model.identity)
  }

  @Test(
    "takes a live model away: the one before decides where it may, else none; a trial begins anew")
  func withdrawal() throws {
    let first = try candidate(seed: 1)
    let second = try candidate(seed: 2)
    for isTrusted in [true, false] {
      var engine = Engine()
      engine.use(first.model)
      var rollout = Rollout(limits())
      _ = rollout.offer(second, &engine, now: 0)
      send(10, &engine)
      _ = rollout.advance(&engine, now: 1)
      rollout.stored(&engine, now: 2)
      #expect(rollout.phase.name == "probation")
      let action = rollout.withdraw(&engine) { _ in isTrusted }
      if isTrusted {
        guard case .store(nil, let state) = action else {
          Issue.record("does not go back")
          return
        }
        #expect(state.live == first.model.identity && state.done == [second.model.identity])
      } else {
        #expect(action == nil && engine.model == nil && engine.trial == nil)
      }
      #expect(rollout.withdrawals == 1)
    }
    var engine = Engine()
    engine.use(first.model)
    var rollout = Rollout(limits())
    _ = rollout.offer(second, &engine, now: 0)
    #expect(rollout.withdraw(&engine) { _ in true } == nil && engine.model == nil)
    #expect(engine.answer("{\"x\":[1,2,3,4,5,6]}") == "{\"error\":\"no-model\"}\n")
    guard case .store(let kept, _) = rollout.advance(&engine, now: 1) else {
      Issue.record("the candidate is lost")
      return
    }
    #expect(kept?.model.identity == second.model.identity)
  }

  @Test("has no way back to a model before that may not run any longer")
  func forgotten() throws {
    var engine = Engine()
    engine.use(try candidate(seed: 1).model)
    var rollout = Rollout(limits())
    _ = rollout.offer(try candidate(seed: 2), &engine, now: 0)
    send(10, &engine)
    _ = rollout.advance(&engine, now: 1)
    rollout.stored(&engine, now: 2)
    #expect(rollout.forgetPrevious(&engine) { _ in true } == nil)
    #expect(rollout.phase.name == "probation")
    guard case .save(let state) = rollout.forgetPrevious(&engine, isTrusted: { _ in false }) else {
      Issue.record("not forgotten")
      return
    }
    #expect(state.previous == nil && engine.trial == nil && rollout.phase.name == "settled")
  }

  @Test("goes back when the new model refuses a message that the one before would have answered")
  func refusedMessages() throws {
    var engine = Engine()
    let live = try candidate(seed: 1)
    let names = live.model.model.features.map(\.name)
    let named = "{\"x\":{" + names.map { "\"\($0)\":1" }.joined(separator: ",") + "}}"
    for message in [named, "{\"x\":[1,2,3,4,5,6]}"] {
      engine.use(live.model)
      var rollout = Rollout(limits())
      _ = rollout.offer(try candidate(seed: 2, features: 5), &engine, now: 0)
      _ = rollout.advance(&engine, now: 60_000)
      rollout.stored(&engine, now: 60_001)
      #expect(rollout.phase.name == "probation")
      // What neither of them answers says nothing.
      _ = engine.answer("{\"x\":{\"smell\":1}}")
      _ = engine.answer("{\"x\":[1,2,3]}")
      #expect(rollout.advance(&engine, now: 60_002) == nil)
      #expect(engine.answer(message).contains("error"))
      guard case .store(nil, let state) = rollout.advance(&engine, now: 60_003) else {
        Issue.record("does not go back")
        return
      }
      #expect(state.live == live.model.identity)
      rollout.stored(&engine, now: 60_004)
      #expect(engine.answer(message).contains("\"model\"") && rollout.returns == 1)
    }
  }

  @Test("refuses in its trial a model that would refuse live messages or take values for others")
  func droppedFeature() throws {
    let live = try candidate(seed: 1)
    let names = live.model.model.features.map(\.name)
    func named(_ names: some Sequence<String>) -> String {
      "{\"x\":{" + names.map { "\"\($0)\":1" }.joined(separator: ",") + "}}"
    }
    for (message, fault) in [
      (named(names), MessageFault.unknownFeature), ("{\"x\":[1,2,3,4,5,6]}", .wrongWidth),
    ] {
      var engine = Engine()
      engine.use(live.model)
      var rollout = Rollout(limits())
      _ = rollout.offer(try candidate(seed: 2, features: 5), &engine, now: 0)
      #expect(engine.answer(message).contains("\"model\""))
      guard
        case .refused(_, .shadow(.unreadable(fault))) = rollout.advance(&engine, now: 1)
      else {
        Issue.record("not refused as \(fault)")
        return
      }
      #expect(rollout.phase.name == "settled" && engine.model?.identity == live.model.identity)
    }
  }

  @Test("refuses a model that needs a feature which the live one does not have")
  func otherFeatures() throws {
    var engine = Engine()
    engine.use(try candidate(seed: 1).model)
    var rollout = Rollout(limits())
    guard
      case .refused(_, .shadow(.otherFeatures)) = rollout.offer(
        try candidate(seed: 2, features: 7), &engine, now: 0)
    else {
      Issue.record("not refused")
      return
    }
  }

  @Test("refuses every file that is cut short or has a flipped bit")
  func damaged() throws {
    let bytes = try motorModelBytes()
    for length in stride(from: 0, to: bytes.count, by: 97) {
      #expect(throws: ModelRefusal.self) { try GatewayModel(Array(bytes[..<length]), name: "") }
    }
    for index in stride(from: 0, to: bytes.count, by: 41) {
      var changed = bytes
      changed[index] ^= 4
      #expect(throws: ModelRefusal.self) { try GatewayModel(changed, name: "") }
    }
    #expect(throws: ModelRefusal.self) { try GatewayModel(bytes, name: "", memoryLimit: 1000) }
  }

  @Test("reads back the state that it wrote and refuses any other text")
  func state() throws {
    let folder = TemporaryFolder()
    let store = ModelStore(folder.path)
    #expect(try store.load() == nil)
    var state = ModelStore.State(live: String(repeating: "a", count: 64))
    state.version = 7
    state.previous = String(repeating: "b", count: 64)
    state.done = [String(repeating: "c", count: 64)]
    try store.save(state)
    #expect(try store.load() == state)
    let text = try #require(folder.bytes("live"))
    for length in 0..<text.count {
      folder.put(Array(text[..<length]), in: "live")
      #expect(throws: GatewayError.self) { try store.load() }
    }
    for index in text.indices {
      var changed = text
      changed[index] ^= 2
      folder.put(changed, in: "live")
      #expect(throws: GatewayError.self) { try store.load() }
    }
    // The first form had no checksum.
    let old = String(decoding: text.dropLast(13), as: UTF8.self).dropFirst(6)
    folder.put("nnqd 1" + old + "end\n", in: "live")
    #expect(try store.load() == state)
  }
}
