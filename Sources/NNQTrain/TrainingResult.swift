// SPDX-License-Identifier: Apache-2.0
public import NNQFormat

/// How one pass over the training rows went.
public struct EpochReport: Equatable, Sendable {
  /// From 1.
  public var epoch: Int
  /// The mean over the pass's batches, weights of classes included.
  public var trainLoss: Double
  /// Nil when no rows are held back.
  public var validationLoss: Double?
  /// Nil when no rows are held back, and for anomaly.
  public var validationMetric: ValidationMetric?
  /// The rate of the pass's last step.
  public var learningRate: Double
  /// Fitted rows, the look at the rows held back included in the time.
  public var rowsPerSecond: Double
  /// No pass before was better.
  public var isBest: Bool
  /// How each layer stood.
  public var layers: [LayerReport]
  /// The class that every row held back was put in; nil when there were several.
  public var onlyClass: Int?
}

/// A trained model and how it came about.
public struct TrainingResult: Equatable, Sendable {
  /// Ready to be written.
  public var model: FloatModel
  /// What the model does and how that was found out.
  public var task: DetectedTask
  /// Passes over the fitted rows.
  public var epochsRun: Int
  /// The pass whose weights the model has, from 1.
  public var bestEpoch: Int
  /// On the rows held back, of ``bestEpoch``; nil when none are.
  public var validationLoss: Double?
  /// On the same rows; nil for anomaly too.
  public var validationMetric: ValidationMetric?
  /// Rows that were learned from.
  public var fittedRows: Int
  /// Rows that chose the best pass.
  public var validationRows: Int
  /// Rows of the anomaly class, which an anomaly model does not learn from.
  public var rowsLeftOut: Int
  /// Features that never change in the fitted rows; the network does not see them.
  public var constantFeatures: [String]
  /// Why training ended early with the weights of ``bestEpoch``; nil when it did not.
  public var divergence: TrainingError?
  /// What went wrong or not well, in the order of its weight.
  public var symptoms: [Symptom]
  /// The caller stopped the training.
  public var isInterrupted: Bool
}
