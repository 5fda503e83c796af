// SPDX-License-Identifier: Apache-2.0
import NNQFormat
import NNQGateway
import NNQTestSupport
import Testing

@Suite struct AnswerMemoryTests {
  private func decision(_ score: Int64, codes: Int) -> Decision {
    var decision = Decision()
    decision.label = Int32(score % 7)
    decision.margin = -score
    decision.score = score
    decision.codes = (0..<codes).map { Int16(truncatingIfNeeded: Int(score) + $0) }
    return decision
  }

  @Test("knows the highest numbers of each device, and of none another's", arguments: 0..<20)
  func oracle(seed: Int) {
    var random = TestRandom(seed: UInt64(seed))
    // 16 devices with 3 codes, of 46 bytes each, have 16 places; later 64 with 5 codes have 4.
    var memory = AnswerMemory(byteLimit: 15_000, placeLimit: 16)
    var all: [[UInt64: Int64]] = Array(repeating: [:], count: 40)
    for step in 0..<3000 {
      let device = Int.random(in: 0..<(step < 1000 ? 16 : 40), using: &random)
      let number = UInt64(step / 20) + UInt64.random(in: 0...8, using: &random)
      if Int.random(in: 0..<10, using: &random) == 0 {
        memory.forget(number, of: device)
        all[device][number] = nil
      } else if all[device][number] == nil {
        all[device][number] = Int64(step)
        memory.keep(
          decision(Int64(step), codes: step < 500 ? 3 : 5), model: UInt64(step), sequence: number,
          device: device)
      }
      #expect(step >= 1000 || step < 20 || memory.places == 16)
      let asked = UInt64.random(in: 0...(number + 10), using: &random)
      var found = Decision()
      let model = memory.recall(asked, of: device, into: &found)
      if let model {
        let score = all[device][asked]
        #expect(score == Int64(model))
        #expect(found == decision(Int64(model), codes: model < 500 ? 3 : 5))
      }
    }
    #expect(memory.places == 4)
  }

  @Test("knows as many of the highest numbers as there are places, and all of the window of a few")
  func places() {
    var memory = AnswerMemory()
    for number in UInt64(0)..<5000 {
      memory.keep(decision(Int64(number), codes: 5), model: 1, sequence: number, device: 3)
    }
    var found = Decision()
    for number in UInt64(0)..<5000 {
      let model = memory.recall(number, of: 3, into: &found)
      #expect((model == 1) == (number >= 5000 - 1024))
    }
    // An old number that comes late does not take the place of a new one.
    memory.keep(decision(1, codes: 5), model: 2, sequence: 4999 - 1024, device: 3)
    let model = memory.recall(4999, of: 3, into: &found)
    #expect(model == 1 && found.score == 4999)
  }

  @Test("keeps within its cap, down to nothing, however many devices and outputs there are")
  func cap() {
    var memory = AnswerMemory(byteLimit: 1 << 16, placeLimit: 1024)
    for device in 0..<3000 {
      memory.keep(decision(1, codes: 2), model: 1, sequence: 7, device: device)
    }
    #expect(memory.places == 0)
    var found = Decision()
    let none = memory.recall(7, of: 0, into: &found)
    #expect(none == nil)
    memory.forget(7, of: 0)
    var wide = AnswerMemory(byteLimit: 1 << 16, placeLimit: 1024)
    wide.keep(decision(1, codes: 1000), model: 1, sequence: 7, device: 0)
    #expect(wide.places == 2)
  }
}
