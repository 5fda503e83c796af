// SPDX-License-Identifier: Apache-2.0
import NNQFiles
import NNQFormat
import NNQTestSupport
import Testing

@testable import NNQState

@Suite struct StateFileTests {
  /// A small state: one feature, one score.
  private static let small: [UInt8] = {
    let zeros = String(repeating: "0f", count: 32)
    let state = ModelState(
      StateLayout(
        model: zeros, featureDigest: zeros, task: .binary,
        widths: .init(input: .eight, output: .sixteen),
        features: [
          StateQuantity(name: "a", probabilities: [0, 0.5, 1], quantiles: [1, 2, 3])
        ],
        scores: [StateQuantity(name: "margin", edges: [-1, 0, 1])], verdicts: ["no", "yes"]))
    var filled = state
    let readings: [Float] = [1.5]
    let codes: [Int16] = [3]
    for margin in Int64(-2)...3 {
      try? filled.add(
        readings: readings.span, input: codes.span, output: codes.span,
        verdict: .label(margin >= 0 ? 1 : 0, margin: margin))
    }
    return (try? filled.serialized()) ?? []
  }()

  /// The file with the checksum that its bytes ask for.
  private func resealed(_ bytes: [UInt8]) -> [UInt8] {
    guard let sealed = try? Envelope.state.serialized(Array(bytes[16...])) else { return [] }
    return sealed
  }

  @Test("a state is read and written with the same bytes", arguments: ModelTask.Kind.allCases)
  func roundTrip(kind: ModelTask.Kind) throws {
    let sample = try SampleState(kind)
    for rows in [0, 1, 200] {
      let state = try sample.state(of: 0..<rows)
      let bytes = try state.serialized()
      let read = try ModelState(parsing: bytes)
      #expect(read == state)
      #expect(try read.serialized() == bytes)
    }
  }

  @Test("every truncation is refused, with the checksum made right too")
  func truncations() {
    for length in 0..<Self.small.count {
      let cut = Array(Self.small[..<length])
      #expect(throws: StateError.self) { try ModelState(parsing: cut) }
      guard length >= 16 else { continue }
      #expect(throws: StateError.self) { try ModelState(parsing: resealed(cut)) }
    }
    #expect(throws: StateError.trailing(byte: Self.small.count)) {
      try ModelState(parsing: resealed(Self.small + [0]))
    }
  }

  @Test("every bit flip is refused, and behind a right checksum it is refused or canonical")
  func bitFlips() {
    for bit in 0..<Self.small.count * 8 {
      var bytes = Self.small
      bytes[bit / 8] ^= 1 << UInt8(bit % 8)
      #expect(throws: StateError.self) { try ModelState(parsing: bytes) }
      guard bit >= 16 * 8 else { continue }
      let sealed = resealed(bytes)
      if let state = try? ModelState(parsing: sealed) {
        #expect((try? state.serialized()) == sealed, "bit \(bit)")
      }
    }
  }

  @Test("any bytes behind a right checksum are read or refused", arguments: 0..<4 as Range<UInt64>)
  func anyBytes(seed: UInt64) {
    var random = TestRandom(seed: seed)
    for _ in 0..<2_000 {
      var bytes = Self.small
      for _ in 0..<Int.random(in: 1...6, using: &random) {
        let place = Int.random(in: 16..<bytes.count, using: &random)
        bytes[place] = [0, 1, 0x7F, 0x80, 0xFF].randomElement(using: &random) ?? 0
      }
      let sealed = resealed(bytes)
      if let state = try? ModelState(parsing: sealed) {
        var twice = state
        try? twice.merge(state)
        _ = state.driftFromProfile()
        #expect((try? state.serialized()) == sealed)
      }
    }
  }

  @Test("a model file is no state, and a state is no model")
  func otherForms() throws {
    let sample = try SampleState(.binary)
    #expect(throws: StateError.envelope(.unknownForm(0x50))) {
      try ModelState(parsing: sample.model.serialized())
    }
    #expect(throws: ModelFormatError.unknownForm(0x53)) { try Model(parsing: Self.small) }
    #expect(throws: ModelFormatError.unknownForm(0x53)) { try FlatImage(parsing: Self.small) }
  }

  @Test("the bytes of a known state do not change")
  func golden() {
    #expect(Self.small.count == 374)
    #expect(
      SHA256.hex(Self.small) == "04f503c1ba66e4e07470bed028d643e3d35050e5a57b15eb150e6e0f0b5588a8")
  }
}
