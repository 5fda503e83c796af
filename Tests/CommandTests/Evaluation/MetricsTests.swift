// SPDX-License-Identifier: Apache-2.0
import NNQFormat
import Testing

@testable import NNQCommands

@Suite struct MetricsTests {
  @Test("binary: names in a fixed order, log loss only of probabilities")
  func binary() {
    let ranked = Metrics.binary(
      scores: [-1, 2, 3], kind: .rank, decisions: [false, true, true], truths: [false, true, false])
    #expect(
      ranked.names == [
        "accuracy", "balanced_accuracy", "macro_f1", "precision", "recall", "f1", "roc_auc",
        "pr_auc",
      ])
    #expect(ranked["accuracy"] == 2.0 / 3 && ranked["recall"] == 1 && ranked["precision"] == 0.5)
    #expect(ranked["roc_auc"] == 0.5 && ranked["pr_auc"] == 0.5)
    let probable = Metrics.binary(
      scores: [0.1, 0.8], kind: .probability, decisions: [false, true], truths: [false, true])
    #expect(probable["log_loss"] == logLoss(ofTruths: [0.9, 0.8]))
  }

  @Test("multiclass: areas are means over the classes against the rest")
  func multiclass() {
    let metrics = Metrics.multiclass(
      classes: 3, scores: [3, 1, 0, 0, 2, 1, 1, 2, 0, 0, 1, 5], kind: .rank,
      decisions: [0, 1, 1, 2], truths: [0, 1, 0, 2])
    #expect(metrics["accuracy"] == 0.75)
    // Class 0: 3, 1 against 0, 0; class 1: 2 against 1, 2, 1; class 2: 5 against 0, 1, 0.
    let areas: [Double] = [1, 2.5 / 3, 1]
    #expect(metrics["roc_auc"] == areas.reduce(0, +) / 3)
    #expect(metrics["pr_auc"] == 2.5 / 3)
  }

  @Test("metrics that rows do not define are left out with a note")
  func undefined() {
    let metrics = Metrics.multiclass(
      classes: 3, scores: [1, 0, 0, 0, 1, 0], kind: .rank, decisions: [0, 1], truths: [0, 1])
    #expect(metrics.undefined == ["roc_auc", "pr_auc"])
    #expect(metrics.note == "left out, not defined by these rows: roc_auc, pr_auc")
    #expect(
      metrics.json.text == #"{"accuracy": 1.0, "balanced_accuracy": 1.0, "macro_f1": 1.0}"#)
    let whole = Metrics.regression(targets: ["y"], predictions: [1, 2], truths: [1, 3])
    #expect(whole.note == nil)
  }

  @Test("multilabel: accuracy is that of whole rows")
  func multilabel() {
    let metrics = Metrics.multilabel(
      labels: 2, scores: [0.9, 0.2, 0.1, 0.8], decisions: [true, false, false, true],
      truths: [true, false, false, false])
    #expect(metrics["accuracy"] == 0.5 && metrics["hamming_loss"] == 0.25)
    #expect(metrics["micro_f1"] == 2.0 / 3 && metrics["macro_f1"] == 0.5)
    #expect(metrics["roc_auc"] == nil)
  }

  @Test("regression: several targets are told apart by name")
  func regression() {
    let one = Metrics.regression(targets: ["y"], predictions: [1, 2], truths: [1, 4])
    #expect(one.names == ["rmse", "mae", "r2"])
    let two = Metrics.regression(
      targets: ["a", "b"], predictions: [1, 0, 2, 0], truths: [1, 3, 4, 4])
    #expect(
      two.names == [
        "rmse", "mae", "r2", "rmse.a", "mae.a", "r2.a", "rmse.b", "mae.b", "r2.b",
      ])
    let errors = [2, 12.5].map { $0.squareRoot() }
    #expect(two["rmse.a"] == errors[0] && two["rmse.b"] == errors[1])
    #expect(two["rmse"] == errors.reduce(0, +) / 2)
    #expect(two["mae"] == 2.25)
  }

  @Test("anomaly: a score that is not a number leaves no area")
  func anomaly() {
    let metrics = Metrics.anomaly(
      scores: [1, .nan], decisions: [true, false], truths: [true, false])
    #expect(metrics["accuracy"] == 1 && metrics["roc_auc"] == nil)
  }

  @Test("the names of a task are those of its metrics, before any row is read")
  func names() {
    let task = ModelTask(kind: .regression, targets: ["a", "b"])
    #expect(
      Metrics.names(for: task, kind: .rank)
        == Metrics.regression(targets: ["a", "b"], predictions: [1, 2], truths: [1, 2]).names)
    let classes = ModelTask(kind: .multiclass, targets: ["y"], labels: ["p", "q", "r"])
    #expect(Metrics.names(for: classes, kind: .probability).last == "log_loss")
    #expect(Metrics.names(for: classes, kind: .rank).last == "pr_auc")
    for kind in [ModelTask.Kind.binary, .multilabel, .anomaly] {
      let task = ModelTask(kind: kind, targets: ["y"])
      #expect(Metrics.names(for: task, kind: .rank).contains("macro_f1"))
    }
  }

  @Test("errors and losses are better when they are lower")
  func direction() {
    #expect(["accuracy", "r2", "r2.x", "pr_auc"].allSatisfy(Metrics.higherIsBetter))
    #expect(
      !["rmse", "rmse.x", "mae", "log_loss", "hamming_loss"].contains(where: Metrics.higherIsBetter)
    )
  }
}

@Suite struct MetricLimitsTests {
  private let metrics = Metrics.binary(
    scores: [1, 2, 3, 4], kind: .rank, decisions: [true, true, true, false],
    truths: [true, true, true, true])

  private func limits(_ words: String...) throws -> MetricLimits {
    try MetricLimits(
      try Command.eval.parse(["m.bin", "d.csv"] + words), names: metrics.names)
  }

  @Test("says which limits are missed")
  func misses() throws {
    #expect(try limits().misses(metrics).isEmpty)
    #expect(try limits("--min", "accuracy=0.75", "--max", "recall=0.75").misses(metrics).isEmpty)
    #expect(
      try limits("--min", "accuracy=0.8,recall=0.1", "--max", "f1=0.5").misses(metrics) == [
        "accuracy is 0.75, below 0.8 (--min accuracy=0.8)",
        "f1 is 0.8571428571428571, above 0.5 (--max f1=0.5)",
      ])
  }

  @Test("a metric that is not defined misses its limit")
  func undefined() throws {
    #expect(
      try limits("--min", "roc_auc=0").misses(metrics) == [
        "roc_auc is not defined by these rows (--min roc_auc=0.0)"
      ])
  }

  @Test("an unknown metric is a usage error that lists the known ones")
  func unknown() {
    let failure = #expect(throws: Failure.self) { try limits("--min", "acuracy=0.9") }
    #expect(failure?.code == .usage)
    #expect(
      failure?.sentence
        == "eval: --min: \"acuracy\" is not a metric of this model: accuracy, balanced_accuracy, "
        + "macro_f1, precision, recall, f1, roc_auc, pr_auc")
    #expect(failure?.hint == "did you mean \"accuracy\"?")
    #expect(throws: Failure.self) { try limits("--min", "accuracy=high") }
    #expect(throws: Failure.self) { try limits("--min", "accuracy") }
    #expect(throws: Failure.self) { try limits("--max", "accuracy=nan") }
  }
}
