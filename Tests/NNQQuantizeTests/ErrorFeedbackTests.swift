// SPDX-License-Identifier: Apache-2.0
import NNQTestSupport
import Testing

@testable import NNQQuantize

@Suite struct ErrorFeedbackTests {
  /// Rows of correlated codes: a few hidden causes seen by all inputs.
  private func rows(_ count: Int, inputs: Int, _ random: inout TestRandom) -> [[Int16]] {
    let mixing = (0..<inputs * 3).map { _ in random.normal() }
    return (0..<count).map { _ in
      let causes = (0..<3).map { _ in random.normal() * 30 }
      return (0..<inputs).map { input in
        let mixed = (0..<3).reduce(random.normal() * 3) { $0 + mixing[input * 3 + $1] * causes[$1] }
        return Int16(min(max(mixed, -128), 127))
      }
    }
  }

  /// The sum over the rows of the squared error of the row's sum, its mean taken off.
  private func error(_ weights: [Double], _ codes: [Double], _ rows: [[Int16]]) -> Double {
    let errors = rows.map { row in
      zip(row, zip(weights, codes)).reduce(0.0) { $0 + Double($1.0) * ($1.1.0 - $1.1.1) }
    }
    let mean = errors.reduce(0, +) / Double(errors.count)
    return errors.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
  }

  @Test("makes less error in the sums than rounding to nearest, by far in the mean")
  func lessError() throws {
    var random = TestRandom(seed: 21)
    let inputs = 24
    let rows = rows(200, inputs: inputs, &random)
    let feedback = try #require(CodeCovariance(Rows(rows)).flatMap { ErrorFeedback($0) })
    var ratios: [Double] = []
    for _ in 0..<200 {
      let weights = (0..<inputs).map { _ in Double.random(in: -120...120, using: &random) }
      let nearest = weights.map { $0.rounded(.toNearestOrAwayFromZero) }
      ratios.append(error(weights, feedback.codes(weights), rows) / error(weights, nearest, rows))
    }
    // Three causes behind 24 inputs leave 21 directions in which weights may move for free.
    #expect(ratios.reduce(0, +) / Double(ratios.count) < 0.3)
    #expect(ratios.count { $0 < 1 } > 150)
  }

  @Test("inputs that do not depend on each other are rounded to nearest")
  func independent() throws {
    // Each input moves alone, so the covariance is diagonal but for the common mean.
    let inputs = 6
    let rows = (0..<inputs).flatMap { input in
      [Int16(100), -100].map { code in (0..<inputs).map { Int16($0 == input ? code : 0) } }
    }
    let feedback = try #require(CodeCovariance(Rows(rows)).flatMap { ErrorFeedback($0) })
    var random = TestRandom(seed: 22)
    for _ in 0..<100 {
      let weights = (0..<inputs).map { _ in Double.random(in: -126...126, using: &random) }
      #expect(feedback.codes(weights) == weights.map { $0.rounded(.toNearestOrAwayFromZero) })
    }
  }

  @Test("stays within the codes at the ends of their range")
  func ends() throws {
    var random = TestRandom(seed: 23)
    let feedback = try #require(
      CodeCovariance(Rows(rows(50, inputs: 8, &random))).flatMap { ErrorFeedback($0) })
    for sign in [-1.0, 1] {
      let codes = feedback.codes((0..<8).map { _ in sign * 127 })
      #expect(codes.allSatisfy { (-127...127).contains($0) })
    }
  }

  @Test("inputs that never change give no feedback; a single row and a single input are taken")
  func degenerate() {
    #expect(CodeCovariance(Rows([[3, 4], [3, 4]])) == nil)
    #expect(CodeCovariance(Rows([])) == nil)
    let wide = (0..<2).map { row in
      (0...CodeCovariance.mostInputs).map { Int16($0 % 7 * row) }
    }
    #expect(CodeCovariance(Rows(wide)) == nil)
    #expect(CodeCovariance(Rows([[1], [2]])).flatMap { ErrorFeedback($0) }?.codes([5.4]) == [5])
    #expect(
      CodeCovariance(Rows([[1, 0], [2, 0]])).flatMap { ErrorFeedback($0) }?.codes([5.4, -3.6]) == [
        5, -4,
      ])
  }
}
