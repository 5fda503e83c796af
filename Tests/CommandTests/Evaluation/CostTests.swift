// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import NNQCommands

@Suite struct CostTests {
  private func cut(
    _ falsePositive: Double, _ falseNegative: Double, _ scores: [Double], _ truths: [Bool],
    standing: Int = 0
  ) -> CheapestCut {
    CheapestCut(
      Cost(falsePositive: falsePositive, falseNegative: falseNegative), scores: scores,
      truths: truths, standing: standing)
  }

  @Test("dear misses move the cut down, dear alarms move it up")
  func byHand() {
    let scores: [Double] = [1, 2, 3, 4, 5]
    let truths = [false, true, false, false, true]
    // True from 2 on: two alarms, no miss. True from 5 on: one miss, no alarm.
    let careful = cut(1, 20, scores, truths)
    #expect(careful.below == 1 && careful.above == 2)
    #expect(careful.falsePositives == 2 && careful.falseNegatives == 0)
    let strict = cut(20, 1, scores, truths)
    #expect(strict.below == 4 && strict.above == 5)
    #expect(strict.falsePositives == 0 && strict.falseNegatives == 1)
  }

  @Test("a cut may lie beyond all scores")
  func ends() {
    let none = cut(1, 1, [1, 2], [false, false], standing: 2)
    #expect(none.below == 2 && none.above == nil)
    let all = cut(1, 1, [1, 2], [true, true])
    #expect(all.below == nil && all.above == 1)
  }

  @Test("of equally cheap cuts the one nearest to what stands is taken")
  func ties() {
    let truths = [false, true, false, true]
    // True from the second on costs one alarm, from the fourth on one miss.
    #expect(cut(1, 1, [1, 2, 3, 4], truths, standing: 3).above == 2)
    #expect(cut(1, 1, [1, 2, 3, 4], truths, standing: 1).above == 4)
  }

  @Test("no other cut is cheaper, equal scores stay together")
  func oracle() {
    var numbers = SeededNumbers(seed: 21)
    for _ in 0..<400 {
      let rows = Int.random(in: 1...20, using: &numbers)
      let scores = (0..<rows).map { _ in Double(Int.random(in: 0..<8, using: &numbers)) }
      let truths = (0..<rows).map { _ in Bool.random(using: &numbers) }
      let cost = Cost(
        falsePositive: Double(Int.random(in: 0...5, using: &numbers)),
        falseNegative: Double(Int.random(in: 1...5, using: &numbers)))
      let found = CheapestCut(
        cost, scores: scores, truths: truths,
        standing: Int.random(in: 0...rows, using: &numbers))
      func mistakes(from lowest: Double) -> (Int, Int) {
        let rows = scores.indices
        return (
          rows.count { scores[$0] >= lowest && !truths[$0] },
          rows.count { scores[$0] < lowest && truths[$0] }
        )
      }
      let own = mistakes(from: found.above ?? .infinity)
      #expect(own == (found.falsePositives, found.falseNegatives))
      for lowest in scores + [.infinity] {
        let (positives, negatives) = mistakes(from: lowest)
        #expect(cost.total(own.0, own.1) <= cost.total(positives, negatives))
      }
    }
  }

  @Test("costs that make no sense are usage errors")
  func refused() throws {
    for text in ["fp=1", "fn=1", "fp=0,fn=0", "fp=-1,fn=1", "tp=1,fn=2", "fp=1,fn=x", "fp,fn"] {
      let failure = #expect(throws: Failure.self, "\(text)") {
        try Cost(try Command.eval.parse(["m.bin", "d.csv", "--cost", text]))
      }
      #expect(failure?.code == .usage)
    }
    let cost = try Cost(try Command.eval.parse(["m.bin", "d.csv", "--cost", "fn=20,fp=1"]))
    #expect(cost == Cost(falsePositive: 1, falseNegative: 20))
    #expect(try Cost(try Command.eval.parse(["m.bin", "d.csv"])) == nil)
  }
}
