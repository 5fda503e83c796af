// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import NNQCommands

@Suite struct ConfusionMatrixTests {
  @Test("gives the metrics of a table worked by hand")
  func byHand() {
    // Truth 0: 3 rows, 2 found; truth 1: 2 rows, 1 found, 1 taken for 2; truth 2: 1 row, found.
    let matrix = ConfusionMatrix(
      classes: 3, truths: [0, 0, 0, 1, 1, 2], predictions: [0, 0, 1, 1, 2, 2])
    #expect(matrix.counts == [2, 1, 0, 0, 1, 1, 0, 0, 1])
    #expect(matrix.accuracy == 4.0 / 6)
    #expect(matrix.recall(0) == 2.0 / 3)
    #expect(matrix.precision(0) == 1)
    #expect(matrix.precision(1) == 0.5)
    #expect(matrix.f1(0) == 0.8)
    #expect(matrix.f1(1) == 0.5)
    #expect(matrix.f1(2) == 2.0 / 3)
    let recalls: [Double] = [2 / 3, 0.5, 1]
    let f1s: [Double] = [0.8, 0.5, 2 / 3]
    #expect(matrix.balancedAccuracy == recalls.reduce(0, +) / 3)
    #expect(matrix.macroF1 == f1s.reduce(0, +) / 3)
  }

  @Test("agrees with the examples of scikit-learn's documentation")
  func documented() throws {
    let matrix = ConfusionMatrix(
      classes: 3, truths: [0, 1, 2, 0, 1, 2], predictions: [0, 2, 1, 0, 0, 1])
    // Derived there as 0.26...; exactly 0.8 / 3.
    #expect(abs(try #require(matrix.macroF1) - 0.8 / 3) < 1e-15)
    #expect(matrix.accuracy == 1.0 / 3)
    let balanced = ConfusionMatrix(
      truths: [false, true, false, false, true, false],
      predictions: [false, true, false, false, false, true])
    #expect(balanced.balancedAccuracy == 0.625)
  }

  @Test("a class that occurs nowhere takes no part in a mean, one that is only predicted does")
  func absentClasses() {
    let absent = ConfusionMatrix(classes: 3, truths: [0, 1], predictions: [0, 1])
    #expect(absent.macroF1 == 1 && absent.balancedAccuracy == 1)
    #expect(absent.f1(2) == nil && absent.recall(2) == nil && absent.precision(2) == nil)
    let predicted = ConfusionMatrix(classes: 2, truths: [0, 0], predictions: [0, 1])
    #expect(predicted.f1(1) == 0 && predicted.recall(1) == nil && predicted.precision(1) == 0)
    #expect(predicted.macroF1 == 1.0 / 3)
    #expect(predicted.balancedAccuracy == 0.5)
  }

  @Test("without rows nothing is defined")
  func empty() {
    let matrix = ConfusionMatrix(classes: 2, truths: [], predictions: [])
    #expect(matrix.accuracy == nil && matrix.macroF1 == nil && matrix.balancedAccuracy == nil)
  }

  @Test("agrees with counting by definition")
  func oracle() {
    var numbers = SeededNumbers(seed: 3)
    for _ in 0..<200 {
      let classes = Int.random(in: 2...5, using: &numbers)
      let rows = Int.random(in: 1...30, using: &numbers)
      let truths = (0..<rows).map { _ in Int.random(in: 0..<classes, using: &numbers) }
      let predictions = (0..<rows).map { _ in Int.random(in: 0..<classes, using: &numbers) }
      let matrix = ConfusionMatrix(classes: classes, truths: truths, predictions: predictions)
      let pairs = zip(truths, predictions)
      #expect(matrix.accuracy == Double(pairs.count { $0 == $1 }) / Double(rows))
      for label in 0..<classes {
        let hits = Double(pairs.count { $0 == label && $1 == label })
        let recall = hits / Double(truths.count { $0 == label })
        let precision = hits / Double(predictions.count { $0 == label })
        #expect(matrix.recall(label) == finite(recall))
        #expect(matrix.precision(label) == finite(precision))
        if hits > 0, let f1 = matrix.f1(label) {
          // Two roundings in each of three quotients, one in the sum.
          #expect(abs(f1 - 2 / (1 / recall + 1 / precision)) < 1e-15)
        }
      }
    }
  }
}
