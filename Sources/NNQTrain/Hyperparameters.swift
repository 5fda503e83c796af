// SPDX-License-Identifier: Apache-2.0
internal import NNQFormat

/// The numbers that steer a training: what was asked for, or else what suits the task and the rows.
struct Hyperparameters: Equatable, Sendable {
  var learningRate: Double
  var weightDecay: Double
  /// Rows a step.
  var batch: Int
  /// The most passes over the rows.
  var epochs: Int

  /// About as many rows are looked at in any training: small tables are seen more often.
  private static let rowsSeen = 1_000_000

  /// - Parameters:
  ///   - rarest: the rows of the rarest class, or of the rarer side of a label; nil for a task
  ///     without classes.
  init(_ settings: TrainingSettings, fittedRows: Int, rarest: Int?) {
    learningRate = settings.learningRate ?? (rarest == nil ? 0.003 : 0.001)
    weightDecay = settings.weightDecay ?? Self.weightDecay(rarest: rarest)
    batch = settings.batch ?? min(max(fittedRows / 128, 32), 128)
    epochs = settings.epochs ?? min(max(Self.rowsSeen / fittedRows, 50), Trainer.mostEpochs)
  }

  /// The decay that the number of rows calls for.
  ///
  /// A step of AdamW moves a weight by at most the learning rate, so that a decay of d holds every
  /// weight within 1/d. Cross-entropy of rows that can be told apart would otherwise push them
  /// outward for ever, and it is the rarest class, not the table, that says how many rows there are
  /// to learn a boundary from. The squared error has its minimum at finite weights and is held
  /// within 10 only.
  private static func weightDecay(rarest: Int?) -> Double {
    guard let rarest else { return 0.1 }
    return min(max(250 / Double(max(rarest, 1)), 0.7), 2)
  }
}
