// SPDX-License-Identifier: Apache-2.0
import Glibc
import Testing

@testable import NNQCommands

@Suite struct BinomialIntervalTests {
  /// The chance of `hits` or more in `trials` of chance `p`, term by term.
  private func upperTail(_ hits: Int, _ trials: Int, _ p: Double) -> Double {
    var sum = 0.0
    for k in hits...trials {
      var term = 1.0
      for i in 0..<k { term *= Double(trials - i) / Double(i + 1) * p }
      sum += term * pow(1 - p, Double(trials - k))
    }
    return sum
  }

  @Test(
    "agrees with intervals from the exact tails in decimal arithmetic",
    arguments: [
      (5, 10, 0.1870860284, 0.8129139716), (1, 20, 0.0012650895, 0.2487327628),
      (0, 10, 0, 0.3084971078), (10, 10, 0.6915028922, 1),
    ])
  func exactTails(hits: Int, trials: Int, lower: Double, upper: Double) {
    let interval = binomialInterval(hits: hits, trials: trials)
    // The figures are given to ten decimals.
    #expect(abs(interval.lowerBound - lower) < 6e-11)
    #expect(abs(interval.upperBound - upper) < 6e-11)
  }

  @Test("leaves exactly half of the doubt in each tail", arguments: [0.5, 0.9, 0.95, 0.999])
  func tails(confidence: Double) {
    let tail = (1 - confidence) / 2
    for trials in [1, 2, 7, 30, 60] {
      for hits in 0...trials {
        let interval = binomialInterval(hits: hits, trials: trials, confidence: confidence)
        // Some sixty products and sums, each rounded once; the tail is at most 1/4.
        if hits > 0 {
          #expect(abs(upperTail(hits, trials, interval.lowerBound) - tail) < 1e-13)
        }
        if hits < trials {
          #expect(abs(1 - upperTail(hits + 1, trials, interval.upperBound) - tail) < 1e-13)
        }
      }
    }
  }

  @Test("keeps its precision for many trials", arguments: [1000, 1_000_000, 10_000_000])
  func manyTrials(trials: Int) {
    // Where no trial hits, the upper end is 1 - tail^(1/n) in closed form.
    let none = binomialInterval(hits: 0, trials: trials)
    let expected = -expm1(log(0.025) / Double(trials))
    #expect(none.lowerBound == 0)
    // The end is 1 minus a quantile near 1: 1e-16 of 1, for ends of at least 3.7e-7.
    #expect(abs(none.upperBound / expected - 1) < 1e-8)
    let half = binomialInterval(hits: trials / 2, trials: trials)
    // Near the normal approximation 1.96 / (2 sqrt n), which is wrong by about 1 / n.
    let width = 1.959963984540054 / Double(trials).squareRoot()
    #expect(abs(half.upperBound - half.lowerBound - width) < 3 / Double(trials))
  }

  @Test("mirrors, grows with the hits and stays in 0 ... 1")
  func properties() {
    for trials in [1, 3, 50, 400] {
      var last = -1.0...0.0
      for hits in 0...trials {
        let interval = binomialInterval(hits: hits, trials: trials)
        let mirrored = binomialInterval(hits: trials - hits, trials: trials)
        #expect(abs(interval.lowerBound - (1 - mirrored.upperBound)) < 1e-12)
        #expect(interval.lowerBound >= 0 && interval.upperBound <= 1)
        #expect(interval.contains(Double(hits) / Double(trials)))
        #expect(interval.lowerBound > last.lowerBound && interval.upperBound > last.upperBound)
        last = interval
      }
    }
    #expect(binomialInterval(hits: 0, trials: 0) == 0...1)
  }
}
