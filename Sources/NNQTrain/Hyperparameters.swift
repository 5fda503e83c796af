// SPDX-License-Identifier: Apache-2.0
internal import NNQFormat

/// The numbers that steer a training: what was asked for, or else what suits the task and the rows.
struct Hyperparameters: Equatable, Sendable {
  /// The base rate.
  var learningRate: Double
  /// The share of a weight that a step of rate 1 would take off.
  var weightDecay: Double
  /// Rows a step.
  var batch: Int
  /// The most passes over the rows.
  var epochs: Int

  /// About as many rows are looked at in any training: a small table is seen more often.
  private static let rowsSeen = 1_000_000

  /// - Parameters:
  ///   - classRows: the number of fitted rows of each class, both sides of each label counted for
  ///     multilabel; empty for a task without classes.
  init(
    _ settings: TrainingSettings, task: ModelTask.Kind, fittedRows: Int, classRows: [Int]
  ) {
    let rows = max(fittedRows, 1)
    let usualRate: Double
    let usualDecay: Double
    switch task {
    case .regression, .anomaly: (usualRate, usualDecay) = (0.003, 0.1)
    case .binary, .multiclass:
      (usualRate, usualDecay) = (0.0005, Self.weightDecay(classRows: classRows, labels: 1))
    case .multilabel:
      let labels = classRows.count / 2
      (usualRate, usualDecay) = (0.001, Self.weightDecay(classRows: classRows, labels: labels))
    }
    // Gradient descent has no size of step of its own: its usual rate is that of handbooks.
    learningRate = settings.learningRate ?? (settings.optimizer == .sgd ? 0.01 : usualRate)
    weightDecay = settings.weightDecay ?? (settings.optimizer == .adamW ? usualDecay : 0)
    batch = min(settings.batch ?? min(max(rows / 128, 32), 128), rows)
    epochs = settings.epochs ?? min(max(Self.rowsSeen / rows, 50), Trainer.mostEpochs)
  }

  /// The decay that the number of rows calls for in a task with classes.
  ///
  /// A step of AdamW moves a weight by about the learning rate at most, so that a decay of d holds
  /// the weights within about 1/d of 0. The squared error has its minimum at finite weights and
  /// needs little of it. Cross-entropy pushes the weights outward for as long as the rows can be
  /// told apart, the more by chance the fewer there are: the decay is inverse to the harmonic mean
  /// of the classes' rows, which a rare class pulls down as it spoils the boundary. Every label of
  /// several tells the hidden layers about the same row once more. The factor and its bounds, like
  /// the rates, were chosen on eight public sensor data sets.
  private static func weightDecay(classRows: [Int], labels: Int) -> Double {
    let inverses = classRows.reduce(0) { $0 + 1 / Double(max($1, 1)) }
    return min(max(550 * inverses / Double(classRows.count * labels), 0.5), 3)
  }
}
