// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import NNQCommands

@Suite struct RankingTests {
  @Test("agrees with the examples of scikit-learn's documentation")
  func documented() throws {
    let ranking = try #require(
      Ranking(scores: [0.1, 0.4, 0.35, 0.8], truths: [false, false, true, true]))
    #expect(ranking.rocAUC == 0.75)
    // 1/2 * 1 + 1/2 * 2/3
    #expect(abs(try #require(ranking.averagePrecision) - 5.0 / 6) < 1e-15)
  }

  @Test("equal scores count half in one area and are taken together in the other")
  func ties() throws {
    let ranking = try #require(Ranking(scores: [1, 1, 1, 1], truths: [true, false, false, false]))
    #expect(ranking.rocAUC == 0.5)
    #expect(ranking.averagePrecision == 0.25)
  }

  @Test("infinite scores are ordered, one that is not a number has no place")
  func oddScores() {
    #expect(
      Ranking(scores: [.infinity, -.infinity, 0], truths: [true, false, false])?.rocAUC == 1)
    #expect(Ranking(scores: [0, -0.0], truths: [true, false])?.rocAUC == 0.5)
    #expect(Ranking(scores: [.nan, 1], truths: [true, false]) == nil)
  }

  @Test("one class alone defines no area")
  func oneClass() {
    #expect(Ranking(scores: [1, 2], truths: [true, true])?.rocAUC == nil)
    #expect(Ranking(scores: [1, 2], truths: [true, true])?.averagePrecision == 1)
    #expect(Ranking(scores: [1, 2], truths: [false, false])?.averagePrecision == nil)
    #expect(Ranking(scores: [], truths: [])?.rocAUC == nil)
  }

  @Test("agrees with the definitions, ties and all")
  func oracle() throws {
    var numbers = SeededNumbers(seed: 4)
    for _ in 0..<300 {
      let rows = Int.random(in: 2...40, using: &numbers)
      let levels = Int.random(in: 1...12, using: &numbers)
      let scores = (0..<rows).map { _ in Double(Int.random(in: 0..<levels, using: &numbers)) }
      let truths = (0..<rows).map { _ in Bool.random(using: &numbers) }
      let ranking = try #require(Ranking(scores: scores, truths: truths))
      let positives = truths.indices.filter { truths[$0] }
      let negatives = truths.indices.filter { !truths[$0] }
      guard !positives.isEmpty, !negatives.isEmpty else { continue }

      var pairs = 0.0
      for positive in positives {
        for negative in negatives {
          if scores[positive] > scores[negative] { pairs += 1 }
          if scores[positive] == scores[negative] { pairs += 0.5 }
        }
      }
      #expect(ranking.rocAUC == pairs / Double(positives.count * negatives.count))

      // Average precision is also the mean over the true rows of the precision at their score.
      let precisions = positives.map { positive in
        let above = scores.indices.filter { scores[$0] >= scores[positive] }
        return Double(above.count { truths[$0] }) / Double(above.count)
      }
      let expected = precisions.reduce(0, +) / Double(positives.count)
      // Up to 40 terms of at most 1, each sum rounded once.
      #expect(abs(try #require(ranking.averagePrecision) - expected) < 40 * 1e-16 * 4)
    }
  }

  @Test("a large table of random scores has an area near one half")
  func large() throws {
    var numbers = SeededNumbers(seed: 5)
    let rows = 100_000
    let scores = (0..<rows).map { _ in Double.random(in: 0..<1, using: &numbers) }
    let truths = (0..<rows).map { $0 % 2 == 0 }
    let area = try #require(Ranking(scores: scores, truths: truths)?.rocAUC)
    // The standard deviation is sqrt((n + 1) / (12 * 50000^2)) = 0.0018; five of them.
    #expect(abs(area - 0.5) < 0.0092)
  }
}
