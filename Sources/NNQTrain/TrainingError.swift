// SPDX-License-Identifier: Apache-2.0
public import NNQFiles
public import NNQFormat

/// Why a model cannot be trained. Rows count from 0 in the order of the data set.
public enum TrainingError: Error, Equatable, Sendable {
  /// A setting that has no meaning.
  public enum Setting: String, Sendable {
    case hidden, learningRate, weightDecay, batch, epochs, patience, validation, classWeights
    case dropout, noise, l2, temperature, labelSmoothing, momentum, clipNorm, clipValue,
      accumulation, threads, normalization
  }

  /// What became infinite, not a number or absurd first.
  public enum Divergence: String, Sendable {
    /// The weights: the learning rate is too high.
    case weights
    /// The loss grew a million times.
    case loss
    /// The outputs while the weights were finite: they or the inputs are too large.
    case outputs
  }

  case invalidSetting(Setting)
  /// A loss or an output layer that does not go with the task; nil is what was left open.
  case mismatch(
    task: ModelTask.Kind, loss: LossFunction?, output: LossFunction.OutputLayer?,
    right: [LossFunction.Pair])
  case noFeatures
  /// A network of more weights and biases than a model file holds.
  case tooManyParameters(found: Int, limit: Int)
  /// Fewer rows than training needs.
  case tooFewRows(found: Int, needed: Int)
  /// No column of this name is a target.
  case unknownTarget(name: String)
  /// The task needs a target and there is none.
  case noTarget
  /// Label and target columns stand side by side; which ones are meant must be said.
  case ambiguousTargets(labels: [String], targets: [String])
  /// The task takes one target.
  case severalTargets(names: [String], task: ModelTask.Kind)
  /// More classes than a network has outputs for, or more than the task takes.
  case tooManyClasses(target: String, limit: Int, areNumbers: Bool)
  /// No fewer classes than rows that are fitted: nothing can be learnt about a class.
  case moreClassesThanRows(target: String, classes: Int, rows: Int, areNumbers: Bool)
  /// A label column of one class only: there is nothing to tell apart.
  case oneClass(target: String, label: String)
  /// A cell that is not 0 or 1 in a multi-label column.
  case notZeroOrOne(target: String, row: Int)
  /// A cell of a regression target that is not a finite number.
  case notANumber(target: String, row: Int)
  /// A regression target that never changes.
  case constantTarget(name: String)
  /// A reading is missing and the policy is to refuse.
  case missingReading(feature: String, row: Int)
  case infiniteReading(feature: String, row: Int)
  /// A feature without a single reading in the rows that are fitted.
  case featureWithoutReadings(name: String)
  /// No feature changes in the rows that are fitted: nothing tells one row from another.
  case noChangingFeature
  /// All rows belong to one group, so that none can be held back.
  case oneGroup
  /// The loss was infinite, not a number or absurd.
  case diverged(epoch: Int, learningRate: Double, cause: Divergence)
  /// The file that holds the readings could not be read or written.
  case file(FileError)
  /// The checkpoint to resume from is not of this training.
  case checkpoint(CheckpointError)
}
