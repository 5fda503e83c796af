// SPDX-License-Identifier: Apache-2.0

/// What a model's outputs mean and how a decision is made from them.
public struct ModelTask: Equatable, Sendable {
  public enum Kind: UInt8, CaseIterable, Sendable {
    /// One logit; true where its sigmoid reaches the threshold.
    case binary = 1
    /// One logit a class; the highest wins, the lowest index on a tie.
    case multiclass = 2
    /// One logit a target; each is true where its sigmoid reaches its threshold.
    case multilabel = 3
    /// One value a target.
    case regression = 4
    /// An autoencoder; an anomaly where the mean squared reconstruction error passes the threshold.
    case anomaly = 5

    /// The name that the command line uses.
    public var name: String {
      switch self {
      case .binary: "binary"
      case .multiclass: "multiclass"
      case .multilabel: "multilabel"
      case .regression: "regression"
      case .anomaly: "anomaly"
      }
    }
  }

  public var kind: Kind
  /// The names of the target columns: one a target for multilabel and regression, else one, which is
  /// empty for an anomaly model that saw no label column.
  public var targets: [String]
  /// The names of the classes: two for binary and anomaly (negative first), one an output for
  /// multiclass, none for multilabel and regression.
  public var labels: [String]
  /// Probabilities in 0 ... 1 for binary (one) and multilabel (one a target), a score for anomaly.
  public var thresholds: [Double]
  /// Regression: `value = output * scale + offset` for each target, in the target's unit; else empty.
  public var targetScaling: [TargetScaling]

  public struct TargetScaling: Equatable, Sendable {
    public var offset: Double
    /// Finite and above 0.
    public var scale: Double

    public init(offset: Double, scale: Double) {
      self.offset = offset
      self.scale = scale
    }
  }

  public init(
    kind: Kind, targets: [String], labels: [String] = [], thresholds: [Double] = [],
    targetScaling: [TargetScaling] = []
  ) {
    self.kind = kind
    self.targets = targets
    self.labels = labels
    self.thresholds = thresholds
    self.targetScaling = targetScaling
  }
}
