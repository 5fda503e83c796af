// SPDX-License-Identifier: Apache-2.0
import NNQFormat
import Testing

@testable import NNQTrain

@Suite("Hyperparameters")
struct HyperparametersTests {
  @Test("weights decay the more the fewer rows a class has, within bounds")
  func decay() {
    func decay(_ classRows: [Int]) -> Double {
      Hyperparameters(
        TrainingSettings(), task: .binary, fittedRows: classRows.reduce(0, +),
        classRows: classRows
      ).weightDecay
    }
    #expect(decay([500, 500]) == 1.1)
    // The harmonic mean of 110 and 1100 is 200.
    #expect(abs(decay([110, 1100]) - 2.75) < 1e-12)
    #expect(decay([100_000, 100_000]) == 0.5)
    #expect(decay([1, 1]) == 3 && decay([0, 0]) == 3)
    let labels = Hyperparameters(
      TrainingSettings(), task: .multilabel, fittedRows: 440, classRows: [220, 220, 220, 220])
    #expect(labels.weightDecay == 1.25)
  }

  @Test("small tables take small batches and more passes")
  func rows() {
    func sizes(_ rows: Int) -> [Int] {
      let found = Hyperparameters(
        TrainingSettings(), task: .regression, fittedRows: rows, classRows: [])
      return [found.batch, found.epochs]
    }
    #expect(sizes(10) == [10, 150])
    #expect(sizes(1_500) == [32, 150])
    #expect(sizes(8_000) == [62, 125])
    #expect(sizes(1_000_000) == [128, 50])
  }

  @Test("what was asked for is taken")
  func given() {
    var settings = TrainingSettings()
    settings.learningRate = 0.5
    settings.weightDecay = 0
    settings.batch = 7
    settings.epochs = 3
    let found = Hyperparameters(settings, task: .anomaly, fittedRows: 100, classRows: [])
    #expect(found.learningRate == 0.5 && found.weightDecay == 0)
    #expect(found.batch == 7 && found.epochs == 3)
  }
}
