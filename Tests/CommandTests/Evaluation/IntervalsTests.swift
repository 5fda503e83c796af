// SPDX-License-Identifier: Apache-2.0
import NNQFormat
import Testing

@testable import NNQCommands

@Suite struct IntervalsTests {
  private func outcomes(rows: Int, seed: UInt64) -> Outcomes {
    var numbers = SeededNumbers(seed: seed)
    let truths = (0..<rows).map { _ in Int.random(in: 0...1, using: &numbers) }
    let scores = truths.map { Double($0) + Double.random(in: -1...1, using: &numbers) }
    return Outcomes(
      .binary, names: ["no", "yes"], scores: scores, decisions: scores.map { $0 > 0.5 ? 1 : 0 },
      truths: truths)
  }

  @Test("shares of rows have the exact interval, whatever is drawn")
  func exact() throws {
    let outcomes = outcomes(rows: 80, seed: 1)
    let metrics = outcomes.metrics()
    let intervals = Intervals(outcomes, metrics, resamples: 0)
    let matrix = ConfusionMatrix(
      classes: 2, truths: outcomes.truths, predictions: outcomes.decisions)
    #expect(intervals.ranges[0] == binomialInterval(hits: matrix.hits, trials: 80))
    #expect(
      intervals.ranges[5] == binomialInterval(hits: matrix[1, 1], trials: matrix.support(1)))
    #expect(metrics.all[5].name == "recall" && metrics.all[6].name == "f1")
    #expect(intervals.ranges[6] == nil)
  }

  @Test("a seed draws the same rows again, another one others")
  func seeded() {
    let outcomes = outcomes(rows: 60, seed: 2)
    let metrics = outcomes.metrics()
    let first = Intervals(outcomes, metrics, resamples: 200, seed: 3)
    #expect(first.ranges == Intervals(outcomes, metrics, resamples: 200, seed: 3).ranges)
    #expect(first.ranges != Intervals(outcomes, metrics, resamples: 200, seed: 4).ranges)
    #expect(first.resamples == 200)
  }

  /// The mean of n values has the standard error sd / sqrt(n), so its interval is 1.96 of them to
  /// each side; 2000 draws find a 2.5 % quantile to within 7 % of that (two standard errors of a
  /// quantile: 2 * sqrt(0.025 * 0.975 / 2000) / 0.0584 sd), and 400 rows are normal enough.
  @Test("the interval of a mean is as wide as theory says")
  func width() throws {
    var numbers = SeededNumbers(seed: 5)
    let errors = (0..<400).map { _ in Double.random(in: 0...1, using: &numbers) }
    let outcomes = Outcomes(
      targets: ["y"], values: errors, truths: [Double](repeating: 0, count: 400))
    let intervals = Intervals(outcomes, outcomes.metrics(), resamples: 2000)
    let mean = errors.reduce(0, +) / 400
    let deviation = (errors.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 400).squareRoot()
    let range = try #require(intervals.ranges[1])
    let reach = 1.96 * deviation / 20
    #expect(abs(range.upperBound - mean - reach) < 0.1 * reach)
    #expect(abs(mean - range.lowerBound - reach) < 0.1 * reach)
  }

  @Test("what resamples seldom define, and tables too large for resamples, have no interval")
  func none() {
    // One true row: a third of the resamples draw none, so no area.
    let rare = Outcomes(
      .binary, names: ["no", "yes"], scores: [1, 2, 3, 4], decisions: [0, 0, 0, 1],
      truths: [0, 0, 0, 1])
    let metrics = rare.metrics()
    let intervals = Intervals(rare, metrics)
    #expect(intervals.resamples == Intervals.usualResamples)
    #expect(metrics["roc_auc"] == 1 && intervals.ranges[7] == nil)
    let nothing = Outcomes(ModelTask(kind: .binary, targets: ["y"], labels: ["a", "b"]))
    #expect(Intervals(nothing, nothing.metrics()).ranges.allSatisfy { $0 == nil })
  }
}
