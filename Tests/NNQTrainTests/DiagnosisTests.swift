// SPDX-License-Identifier: Apache-2.0
import NNQFormat
import Testing

@testable import NNQTrain

/// Each symptom just on both sides of where it begins.
@Suite struct DiagnosisTests {
  private func layer(
    dead: Double = 0, saturated: Double = 0, gradient: Double = 1, operation: String = "dense"
  ) -> LayerReport {
    var report = LayerReport.all(of: operation)
    (report.deadUnits, report.saturated, report.gradientNorm) = (dead, saturated, gradient)
    return report
  }

  private func pass(
    _ epoch: Int, _ loss: Double, validation: Double? = nil, isBest: Bool = false,
    layers: [LayerReport] = [], only: Int? = nil
  ) -> EpochReport {
    EpochReport(
      epoch: epoch, trainLoss: loss, validationLoss: validation, validationMetric: nil,
      learningRate: 0.5, rowsPerSecond: 1, isBest: isBest, layers: layers, onlyClass: only)
  }

  private func symptoms(_ passes: [EpochReport], labels: [String] = []) -> [Symptom] {
    var diagnosis = Diagnosis()
    for pass in passes { diagnosis.note(pass) }
    return diagnosis.symptoms(labels: labels)
  }

  @Test("nothing was seen without a pass, nor in one that is sound")
  func sound() {
    #expect(symptoms([]).isEmpty)
    #expect(symptoms([pass(1, 1, isBest: true)]).isEmpty)
  }

  @Test("a loss is flat that falls by less than a twentieth")
  func flat() {
    #expect(
      symptoms([pass(1, 1), pass(2, 0.951), pass(3, 1.2)])
        == [.flatLoss(first: 1, lowest: 0.951, learningRate: 0.5)])
    #expect(symptoms([pass(1, 1), pass(2, 0.949), pass(3, 1.2)]).isEmpty)
  }

  @Test("one class only is that of the best pass")
  func oneClass() {
    let passes = [pass(1, 1, isBest: true, only: 1), pass(2, 0.5)]
    #expect(symptoms(passes, labels: ["a", "b"]) == [.oneClassOnly(label: "b")])
    #expect(
      symptoms([pass(1, 1, isBest: true), pass(2, 0.5, only: 1)], labels: ["a", "b"]).isEmpty)
  }

  @Test("overfitting is a validation loss a fifth above its lowest while the other fell")
  func overfit() {
    let best = pass(1, 1, validation: 1, isBest: true)
    #expect(
      symptoms([best, pass(2, 0.5, validation: 1.21)])
        == [.overfit(bestEpoch: 1, best: 1, last: 1.21)])
    #expect(symptoms([best, pass(2, 0.5, validation: 1.19)]).isEmpty)
    #expect(symptoms([best, pass(2, 0.9, validation: 0.9), pass(3, 1.1, validation: 2)]).isEmpty)
  }

  @Test("a training is unfinished whose last tenth of the passes brought a tenth of the loss")
  func unfinished() {
    func falling(_ factor: Double) -> [Symptom] {
      symptoms(
        (1...10).map { pass($0, $0 == 10 ? factor : $0 == 9 ? 1 : 3, isBest: true) })
    }
    #expect(falling(0.89) == [.unfinished(epochs: 10)])
    #expect(falling(0.91).isEmpty)
  }

  @Test("dead and saturated units are those of the last pass, from half of a layer on")
  func units() {
    #expect(
      symptoms([pass(1, 1, layers: [layer(), layer(dead: 0.51, saturated: 0.6)])])
        == [.deadUnits(layer: 1, share: 0.51), .saturated(layer: 1, share: 0.6)])
    #expect(symptoms([pass(1, 1, layers: [layer(dead: 0.5, saturated: 0.5)])]).isEmpty)
    let before = pass(1, 1, layers: [layer(dead: 1)])
    #expect(symptoms([before, pass(2, 0.5, layers: [layer()])]).isEmpty)
  }

  @Test("a gradient vanishes that is a thousandth of the last layer's, and explodes above 1000")
  func gradients() {
    #expect(
      symptoms([pass(1, 1, layers: [layer(gradient: 9e-4), layer()])])
        == [.vanishing(first: 9e-4, last: 1)])
    #expect(symptoms([pass(1, 1, layers: [layer(gradient: 1.1e-3), layer()])]).isEmpty)
    // Only dense layers are set against each other.
    #expect(
      symptoms([pass(1, 1, layers: [layer(gradient: 0, operation: "add"), layer()])]).isEmpty)
    let passes = [pass(1, 1, layers: [layer(), layer(gradient: 1001)]), pass(2, 0.5)]
    #expect(symptoms(passes) == [.exploding(layer: 1, norm: 1001)])
    #expect(symptoms([pass(1, 1, layers: [layer(gradient: 999), layer()])]).isEmpty)
  }
}

extension LayerReport {
  /// A report of a layer of two outputs, one of them 0 and one above.
  fileprivate static func all(of operation: String) -> LayerReport {
    LayerReport(operation: operation, outputs: 2, activation: .identity, values: [0, 0.5])
  }
}
