// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import NNQCommands

@Suite struct MultilabelMetricsTests {
  @Test("agrees with the examples of scikit-learn's documentation")
  func documented() {
    let truths = [0, 1, 1, 1]
    let nothing = MultilabelMetrics(
      labels: 2, truths: truths, predictions: [0, 0, 0, 0])
    #expect(nothing.hammingLoss == 0.75)
    #expect(nothing.microF1 == 0 && nothing.macroF1 == 0)
    let everything = MultilabelMetrics(
      labels: 2, truths: truths, predictions: [1, 1, 1, 1])
    #expect(everything.subsetAccuracy == 0.5)
  }

  @Test("gives the metrics of a table worked by hand")
  func byHand() {
    // Label 0: truths 1 1 0, predictions 1 0 0. Label 1: truths 0 1 0, predictions 1 1 0.
    let metrics = MultilabelMetrics(
      labels: 2, truths: [1, 0, 1, 1, 0, 0],
      predictions: [1, 1, 0, 1, 0, 0])
    #expect(metrics.rows == 3)
    #expect(metrics.subsetAccuracy == 1.0 / 3)
    #expect(metrics.hammingLoss == 2.0 / 6)
    #expect(metrics.macroF1 == 2.0 / 3)
    #expect(metrics.microF1 == 4.0 / 6)
  }

  @Test("a label that is never true counts as 0, and without rows nothing is defined")
  func edges() {
    let silent = MultilabelMetrics(
      labels: 2, truths: [1, 0], predictions: [1, 0])
    #expect(silent.macroF1 == 0.5 && silent.microF1 == 1 && silent.subsetAccuracy == 1)
    let empty = MultilabelMetrics(labels: 2, truths: [], predictions: [])
    #expect(empty.macroF1 == nil && empty.microF1 == nil && empty.subsetAccuracy == nil)
    #expect(empty.hammingLoss == nil)
  }
}
