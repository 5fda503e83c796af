// SPDX-License-Identifier: Apache-2.0

/// Watches the passes of a training for ``Symptom``s.
struct Diagnosis: Sendable {
  private var first: EpochReport?
  private var last: EpochReport?
  private var lowestTrainLoss = Double.infinity
  private var best: EpochReport?
  private var trainLosses: [Double] = []
  private var longest: (layer: Int, norm: Double) = (0, 0)

  /// The factor by which a loss that learns nothing stays above.
  private static let fall = 0.95
  private static let rise = 1.2
  private static let half = 0.5
  private static let smallGradient = 1e-3
  private static let largeGradient = 1e3

  mutating func note(_ report: EpochReport) {
    if first == nil { first = report }
    last = report
    lowestTrainLoss = min(lowestTrainLoss, report.trainLoss)
    trainLosses.append(report.trainLoss)
    if report.isBest { best = report }
    for (index, layer) in report.layers.enumerated() where layer.gradientNorm > longest.norm {
      longest = (index, layer.gradientNorm)
    }
  }

  /// What was seen.
  func symptoms(labels: [String]) -> [Symptom] {
    guard let first, let last else { return [] }
    var found = [Symptom]()
    if trainLosses.count > 1, lowestTrainLoss > Self.fall * first.trainLoss {
      found.append(
        .flatLoss(
          first: first.trainLoss, lowest: lowestTrainLoss, learningRate: first.learningRate))
    }
    if let only = (best ?? last).onlyClass, only < labels.count {
      found.append(.oneClassOnly(label: labels[only]))
    }
    if let best, let lowest = best.validationLoss, let now = last.validationLoss,
      now > Self.rise * lowest, last.trainLoss < best.trainLoss
    {
      found.append(.overfit(bestEpoch: best.epoch, best: lowest, last: now))
    }
    let tenth = trainLosses.count / 10
    if tenth > 0, best?.epoch == last.epoch,
      last.trainLoss < 0.9 * trainLosses[trainLosses.count - 1 - tenth]
    {
      found.append(.unfinished(epochs: last.epoch))
    }
    for (index, layer) in last.layers.enumerated() {
      if layer.deadUnits > Self.half {
        found.append(.deadUnits(layer: index, share: layer.deadUnits))
      }
      if layer.saturated > Self.half {
        found.append(.saturated(layer: index, share: layer.saturated))
      }
    }
    let norms = last.layers.filter { $0.operation == "dense" }.map(\.gradientNorm)
    if norms.count > 1, let start = norms.first, let end = norms.last,
      start < Self.smallGradient * end
    {
      found.append(.vanishing(first: start, last: end))
    }
    if longest.norm > Self.largeGradient {
      found.append(.exploding(layer: longest.layer, norm: longest.norm))
    }
    return found
  }
}
