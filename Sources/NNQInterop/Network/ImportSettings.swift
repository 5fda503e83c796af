// SPDX-License-Identifier: Apache-2.0
public import NNQFormat

/// What a foreign file does not say of a model, where the user does.
public struct ImportSettings: Equatable, Sendable {
  /// One a network input; nil names them `x0`, `x1`, ...
  public var features: [String]?
  /// Nil takes what the end of the network says: a softmax is multiclass, a sigmoid binary or
  /// multilabel, anything else regression.
  public var task: ModelTask.Kind?
  /// The names of the classes; nil takes those in the file or numbers them.
  public var labels: [String]?
  /// The names of the target columns; nil names them `label`, `target` or `target0`, `target1`, ...
  public var targets: [String]?
  /// A probability for binary and multilabel (nil: 0.5), a score for anomaly, where it must be given.
  public var threshold: Double?

  public init(
    features: [String]? = nil, task: ModelTask.Kind? = nil, labels: [String]? = nil,
    targets: [String]? = nil, threshold: Double? = nil
  ) {
    self.features = features
    self.task = task
    self.labels = labels
    self.targets = targets
    self.threshold = threshold
  }
}

/// What stands behind the last dense layer of a foreign network.
enum Tail: String, Equatable {
  case none
  case softmax
  case sigmoid
  /// The index of the highest value, without probabilities.
  case argmax
}

extension ImportSettings {
  /// What the outputs mean, from the settings and the end of the network.
  ///
  /// - Parameter classes: the names of the classes that the file holds.
  /// - Throws: ``InteropError`` when the two do not fit.
  func task(
    inputs: Int, outputs: Int, tail: Tail, classes: [String]?
  ) throws(InteropError) -> ModelTask {
    let kind = try kind(outputs: outputs, tail: tail)
    if let threshold,
      !(threshold >= 0 && threshold <= (kind == .anomaly ? .greatestFiniteMagnitude : 1))
    {
      throw .badThreshold(threshold)
    }
    var task = ModelTask(kind: kind, targets: [])
    switch kind {
    case .binary:
      try require("task binary", 1, outputs)
      task.labels = try names(labels ?? classes, "labels", count: 2) { "\($0)" }
      task.thresholds = [threshold ?? 0.5]
    case .multiclass:
      guard outputs >= 2 else {
        throw .mismatch(setting: "task multiclass", found: 2, expected: outputs)
      }
      task.labels = try names(labels ?? classes, "labels", count: outputs) { "\($0)" }
    case .multilabel:
      task.thresholds = Array(repeating: threshold ?? 0.5, count: outputs)
    case .regression:
      task.targetScaling = Array(repeating: .init(offset: 0, scale: 1), count: outputs)
    case .anomaly:
      try require("task anomaly", inputs, outputs)
      task.labels = try names(labels, "labels", count: 2) { $0 == 0 ? "normal" : "anomaly" }
      guard let threshold else { throw .noThreshold }
      task.thresholds = [threshold]
    }
    let isOne = [.binary, .multiclass, .anomaly].contains(kind)
    task.targets = try names(targets, "targets", count: isOne ? 1 : outputs) {
      if isOne { "label" } else { outputs == 1 ? "target" : "target\($0)" }
    }
    return task
  }

  /// The features by name, each taken as it comes.
  func features(count: Int) throws(InteropError) -> [Feature] {
    try names(features, "features", count: count) { "x\($0)" }.map { Feature(name: $0) }
  }

  private func kind(outputs: Int, tail: Tail) throws(InteropError) -> ModelTask.Kind {
    let natural: ModelTask.Kind =
      switch tail {
      case .none: .regression
      case .softmax, .argmax: .multiclass
      case .sigmoid: outputs == 1 ? .binary : .multilabel
      }
    let kind = task ?? natural
    let fits =
      switch tail {
      case .none: true
      case .softmax, .argmax: kind == .multiclass
      // For regression and anomaly the sigmoid stays a part of the network.
      case .sigmoid: kind != .multiclass
      }
    guard fits else { throw .wrongTask(kind, tail: tail.rawValue) }
    return kind
  }

  private func require(_ setting: String, _ found: Int, _ expected: Int) throws(InteropError) {
    guard found == expected else {
      throw .mismatch(setting: setting, found: found, expected: expected)
    }
  }

  private func names(
    _ given: [String]?, _ setting: String, count: Int, _ initial: (Int) -> String
  ) throws(InteropError) -> [String] {
    guard let given else { return (0..<count).map(initial) }
    try require(setting, given.count, count)
    var seen: Set<String> = []
    for name in given where name.isEmpty || !seen.insert(name).inserted {
      throw .badName(setting: setting, name: name)
    }
    return given
  }
}
