// SPDX-License-Identifier: Apache-2.0
public import NNQData
internal import NNQFormat

/// Whether the network learns a few rows by heart: what cannot do that cannot learn at all.
public struct OverfitTest: Equatable, Sendable {
  public var rows: Int
  public var epochs: Int
  /// The mean loss of the first pass and of the last one.
  public var firstLoss: Double
  public var lastLoss: Double

  /// The share of the first loss that must be left at most.
  public static let limit = 0.05
  public var isPassed: Bool { lastLoss <= Self.limit * firstLoss }
}

extension Trainer {
  /// Trains on a few rows without anything that keeps a network from learning by heart.
  ///
  /// - Parameter rows: at least 2; all classes keep their share where the target has classes.
  public func testOverfitting(
    _ data: Dataset, rows wanted: Int, progress: (EpochReport) -> Bool = { _ in true }
  ) throws(TrainingError) -> OverfitTest {
    guard data.rows >= 2 else { throw .tooFewRows(found: data.rows, needed: 2) }
    let task = try DetectedTask(in: data, kind: settings.task, targets: settings.targets)
    let fraction = Double(wanted) / Double(data.rows)
    let chosen: [Int]
    if wanted >= data.rows {
      chosen = Array(0..<data.rows)
    } else if task.kind != .regression, let index = task.targets.first,
      let labels = data.targets[index].labels
    {
      chosen =
        Split.stratified(labels: labels, fraction: fraction, seed: settings.seed).validation
    } else {
      chosen =
        Split.random(rows: data.rows, fraction: fraction, seed: settings.seed).validation
    }
    var easy = settings
    easy.task = task.kind
    easy.validation = 0
    easy.weightDecay = settings.optimizer == .adamW ? 0 : nil
    (easy.l2, easy.dropout, easy.noise, easy.labelSmoothing) = (0, 0, 0, 0)
    easy.epochs = settings.epochs ?? 1000
    easy.learningRate = settings.learningRate ?? 0.003
    easy.patience = easy.epochs ?? 1000
    var losses = [Double]()
    _ = try Trainer(settings: easy).train(data.selecting(chosen)) { report in
      losses.append(report.trainLoss)
      return progress(report)
    }
    return OverfitTest(
      rows: chosen.count, epochs: losses.count, firstLoss: losses.first ?? 0,
      lastLoss: losses.last ?? 0)
  }
}
