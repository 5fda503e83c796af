// SPDX-License-Identifier: Apache-2.0
import NNQFormat

extension Outcomes {
  /// The metrics of the rows, in an order that the task alone decides.
  ///
  /// - Parameters:
  ///   - times: how often each row counts.
  ///   - orders: those of ``orders()``, for calls that are made often.
  ///   - cost: what mistakes cost, where that was said.
  func metrics(
    times: Times = .once, orders: [Ranking.Order?]? = nil, cost: Cost? = nil
  ) -> Metrics {
    var metrics = Metrics()
    switch kind {
    case .binary, .anomaly: addDetection(to: &metrics, times)
    case .multiclass: addClasses(to: &metrics, times)
    case .multilabel: addFlags(to: &metrics, times)
    case .regression: addErrors(to: &metrics, times)
    }
    guard kind != .regression else { return metrics }
    let rankings = (0..<columns).map { column in
      (orders.map { $0[column] } ?? order(column)).map { Ranking($0, times: times) }
    }
    metrics.add("roc_auc", meanOfAll(rankings.map { $0?.rocAUC }))
    metrics.add("pr_auc", meanOfAll(rankings.map { $0?.averagePrecision }))
    if kind != .anomaly {
      metrics.add("log_loss", times.mean(of: losses, width: width))
      metrics.add("ece", Reliability(self, times: times).error)
    }
    if let cost { metrics.add("cost", costPerRow(cost, times)) }
    addParts(to: &metrics, times)
    return metrics
  }

  /// The rows in the order of each column of the scores.
  func orders() -> [Ranking.Order?] { (0..<columns).map(order) }

  private func order(_ column: Int) -> Ranking.Order? {
    Ranking.Order(
      scores: (0..<rows).map { scores[$0 * columns + column] },
      truths: (0..<rows).map { isTrue($0, column: column) })
  }

  // MARK: - One task each

  /// Two classes, of which the second is to be found: accuracy by rows; precision, recall and F1 of
  /// the second class; a micro F1 is the accuracy.
  private func addDetection(to metrics: inout Metrics, _ times: Times) {
    let matrix = ConfusionMatrix(classes: 2, truths: truths, predictions: decisions, times: times)
    metrics.add("accuracy", matrix.hits, among: matrix.rows)
    metrics.add("balanced_accuracy", matrix.balancedAccuracy)
    metrics.add("macro_f1", matrix.macroF1)
    metrics.add("micro_f1", matrix.hits, among: matrix.rows)
    metrics.add("precision", matrix[1, 1], among: matrix.predicted(1))
    metrics.add("recall", matrix[1, 1], among: matrix.support(1))
    metrics.add("f1", matrix.f1(1))
  }

  /// Several classes. The areas under curves are means over the classes, each against the rest, and
  /// need every class among the truths. Micro means are the accuracy.
  private func addClasses(to metrics: inout Metrics, _ times: Times) {
    let matrix = ConfusionMatrix(
      classes: names.count, truths: truths, predictions: decisions, times: times)
    metrics.add("accuracy", matrix.hits, among: matrix.rows)
    metrics.add("balanced_accuracy", matrix.balancedAccuracy)
    metrics.add("macro_f1", matrix.macroF1)
    metrics.add("micro_f1", matrix.hits, among: matrix.rows)
    metrics.add("macro_precision", matrix.macroPrecision)
    metrics.add("macro_recall", matrix.macroRecall)
  }

  /// Several flags a row. `accuracy` is the share of rows in which every flag is right; the areas
  /// under curves are means over the targets.
  private func addFlags(to metrics: inout Metrics, _ times: Times) {
    let flags = MultilabelMetrics(
      labels: names.count, truths: truths, predictions: decisions, times: times)
    metrics.add("accuracy", flags.rightRows, among: flags.rows)
    metrics.add("hamming_loss", flags.hammingLoss)
    metrics.add("macro_f1", flags.macroF1)
    metrics.add("micro_f1", flags.microF1)
    metrics.add("macro_precision", flags.macroPrecision)
    metrics.add("macro_recall", flags.macroRecall)
    metrics.add("micro_precision", flags.microPrecision)
    metrics.add("micro_recall", flags.microRecall)
  }

  /// Values; with several targets the means over them, then those of each.
  private func addErrors(to metrics: inout Metrics, _ times: Times) {
    let each = names.indices.map { target in
      let places = stride(from: target, to: values.count, by: width)
      return RegressionMetrics(
        truths: places.map { trueValues[$0] }, predictions: places.map { values[$0] }, times: times)
    }
    metrics.add("rmse", meanOfAll(each.map(\.rmse)))
    metrics.add("mae", meanOfAll(each.map(\.mae)))
    metrics.add("r2", meanOfAll(each.map(\.r2)))
    guard names.count > 1 else { return }
    for (name, own) in zip(names, each) {
      metrics.add("rmse", of: name, own.rmse)
      metrics.add("mae", of: name, own.mae)
      metrics.add("r2", of: name, own.r2)
    }
  }

  /// Precision, recall and F1 of each class or target.
  private func addParts(to metrics: inout Metrics, _ times: Times) {
    switch kind {
    case .multiclass:
      let matrix = ConfusionMatrix(
        classes: names.count, truths: truths, predictions: decisions, times: times)
      for (label, name) in names.enumerated() { metrics.add(matrix, label, name) }
    case .multilabel:
      let flags = MultilabelMetrics(
        labels: names.count, truths: truths, predictions: decisions, times: times)
      for (matrix, name) in zip(flags.matrices, names) { metrics.add(matrix, 1, name) }
    default: break
    }
  }
}

extension Metrics {
  fileprivate mutating func add(_ matrix: ConfusionMatrix, _ label: Int, _ name: String) {
    add("precision", of: name, matrix[label, label], among: matrix.predicted(label))
    add("recall", of: name, matrix[label, label], among: matrix.support(label))
    add("f1", of: name, matrix.f1(label))
  }
}

/// The mean; nil when one is missing, because a mean over fewer would mean something else.
private func meanOfAll(_ values: [Double?]) -> Double? {
  let defined = values.compactMap { $0 }
  return defined.count == values.count ? mean(defined) : nil
}
