// SPDX-License-Identifier: Apache-2.0
import NNQFormat

extension Metrics {
  /// What scores are; both put the more likely above the less likely.
  enum ScoreKind: Sendable {
    /// In 0 ... 1; over the classes of a row they add up to 1.
    case probability
    /// Any measure: a logit, a margin, a mean squared error.
    case rank
  }

  /// The metrics of a binary task.
  ///
  /// - Shape: one score of the positive class, one decision and one truth a row.
  static func binary(
    scores: [Double], kind: ScoreKind, decisions: [Bool], truths: [Bool]
  ) -> Metrics {
    var metrics = detection(scores: scores, decisions: decisions, truths: truths)
    if kind == .probability {
      let given = zip(scores, truths).map { $1 ? $0 : 1 - $0 }
      metrics.add("log_loss", logLoss(ofTruths: given))
    }
    return metrics
  }

  /// The metrics of an anomaly task whose rows are labelled.
  ///
  /// - Shape: one score, one decision and one truth a row; true is an anomaly.
  static func anomaly(scores: [Double], decisions: [Bool], truths: [Bool]) -> Metrics {
    detection(scores: scores, decisions: decisions, truths: truths)
  }

  private static func detection(scores: [Double], decisions: [Bool], truths: [Bool]) -> Metrics {
    let matrix = ConfusionMatrix(truths: truths, predictions: decisions)
    let ranking = Ranking(scores: scores, truths: truths)
    var metrics = Metrics()
    metrics.add("accuracy", matrix.accuracy)
    metrics.add("balanced_accuracy", matrix.balancedAccuracy)
    metrics.add("macro_f1", matrix.macroF1)
    metrics.add("precision", matrix.precision(1))
    metrics.add("recall", matrix.recall(1))
    metrics.add("f1", matrix.f1(1))
    metrics.add("roc_auc", ranking?.rocAUC)
    metrics.add("pr_auc", ranking?.averagePrecision)
    return metrics
  }

  /// The metrics of a multiclass task. The areas under curves are means over the classes, each against
  /// the rest; they need every class among the truths.
  ///
  /// - Shape: one class index a row in `decisions` and `truths`, `scores` is `[rows][classes]`.
  static func multiclass(
    classes: Int, scores: [Double], kind: ScoreKind, decisions: [Int], truths: [Int]
  ) -> Metrics {
    precondition(scores.count == truths.count * classes, "a score for each class")
    let matrix = ConfusionMatrix(classes: classes, truths: truths, predictions: decisions)
    let rankings = (0..<classes).map { label in
      Ranking(
        scores: stride(from: label, to: scores.count, by: classes).map { scores[$0] },
        truths: truths.map { $0 == label })
    }
    var metrics = Metrics()
    metrics.add("accuracy", matrix.accuracy)
    metrics.add("balanced_accuracy", matrix.balancedAccuracy)
    metrics.add("macro_f1", matrix.macroF1)
    metrics.add("roc_auc", meanOfAll(rankings.map { $0?.rocAUC }))
    metrics.add("pr_auc", meanOfAll(rankings.map { $0?.averagePrecision }))
    if kind == .probability {
      let given = truths.enumerated().map { row, truth in scores[row * classes + truth] }
      metrics.add("log_loss", logLoss(ofTruths: given))
    }
    return metrics
  }

  /// The metrics of a multilabel task. `accuracy` is the share of rows in which every label is right;
  /// the areas under curves are means over the labels.
  ///
  /// - Shape: `scores`, `decisions` and `truths` are `[rows][labels]`.
  static func multilabel(
    labels: Int, scores: [Double], decisions: [Bool], truths: [Bool]
  ) -> Metrics {
    precondition(scores.count == truths.count, "a score for each flag")
    let flags = MultilabelMetrics(labels: labels, truths: truths, predictions: decisions)
    let rankings = (0..<labels).map { label in
      let places = stride(from: label, to: scores.count, by: labels)
      return Ranking(scores: places.map { scores[$0] }, truths: places.map { truths[$0] })
    }
    var metrics = Metrics()
    metrics.add("accuracy", flags.subsetAccuracy)
    metrics.add("hamming_loss", flags.hammingLoss)
    metrics.add("macro_f1", flags.macroF1)
    metrics.add("micro_f1", flags.microF1)
    metrics.add("roc_auc", meanOfAll(rankings.map { $0?.rocAUC }))
    metrics.add("pr_auc", meanOfAll(rankings.map { $0?.averagePrecision }))
    return metrics
  }

  /// The metrics of a regression; with several targets the means over them, then those of each.
  ///
  /// - Shape: `predictions` and `truths` are `[rows][targets.count]`, each in its target's unit.
  static func regression(targets: [String], predictions: [Double], truths: [Double]) -> Metrics {
    precondition(predictions.count == truths.count && !targets.isEmpty)
    let each = targets.indices.map { target in
      let places = stride(from: target, to: truths.count, by: targets.count)
      return RegressionMetrics(
        truths: places.map { truths[$0] }, predictions: places.map { predictions[$0] })
    }
    var metrics = Metrics()
    metrics.add("rmse", meanOfAll(each.map(\.rmse)))
    metrics.add("mae", meanOfAll(each.map(\.mae)))
    metrics.add("r2", meanOfAll(each.map(\.r2)))
    if targets.count > 1 {
      for (name, own) in zip(targets, each) {
        metrics.add("rmse.\(name)", own.rmse)
        metrics.add("mae.\(name)", own.mae)
        metrics.add("r2.\(name)", own.r2)
      }
    }
    return metrics
  }

  /// The names of the metrics of a task, in their order.
  static func names(for task: ModelTask, kind: ScoreKind) -> [String] {
    switch task.kind {
    case .binary: binary(scores: [], kind: kind, decisions: [], truths: []).names
    case .multiclass:
      multiclass(classes: task.labels.count, scores: [], kind: kind, decisions: [], truths: [])
        .names
    case .multilabel:
      multilabel(labels: task.targets.count, scores: [], decisions: [], truths: []).names
    case .regression: regression(targets: task.targets, predictions: [], truths: []).names
    case .anomaly: anomaly(scores: [], decisions: [], truths: []).names
    }
  }

  /// The mean; nil when one is missing, because a mean over fewer would mean something else.
  private static func meanOfAll(_ values: [Double?]) -> Double? {
    let defined = values.compactMap { $0 }
    return defined.count == values.count ? mean(defined) : nil
  }
}
