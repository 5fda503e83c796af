// SPDX-License-Identifier: Apache-2.0
import NNQFormat
import Testing

@testable import NNQCommands

@Suite struct MetricsTests {
  @Test("binary: names in a fixed order, log loss and calibration only of probabilities")
  func binary() {
    let ranked = Outcomes(
      .binary, names: ["no", "yes"], scores: [-1, 2, 3], decisions: [0, 1, 1], truths: [0, 1, 0]
    ).metrics()
    #expect(
      ranked.names == [
        "accuracy", "balanced_accuracy", "macro_f1", "micro_f1", "precision", "recall", "f1",
        "roc_auc", "pr_auc", "log_loss", "ece",
      ])
    #expect(ranked["accuracy"] == 2.0 / 3 && ranked["recall"] == 1 && ranked["precision"] == 0.5)
    #expect(ranked["roc_auc"] == 0.5 && ranked["pr_auc"] == 0.5)
    #expect(ranked["log_loss"] == nil && ranked["ece"] == nil)
  }

  /// scikit-learn 1.9.1: log_loss(y, p), accuracy_score, precision_score, recall_score, f1_score with
  /// p >= 0.5, roc_auc_score(y, p), average_precision_score(y, p). The calibration error is the sum
  /// over its calibration_curve(y, p, n_bins=15) of |fraction - mean probability| * rows / 10.
  @Test("binary: agrees with scikit-learn")
  func binaryOracle() throws {
    let probabilities = [0.12, 0.81, 0.45, 0.33, 0.97, 0.61, 0.52, 0.74, 0.05, 0.28]
    let metrics = Outcomes(
      .binary, names: ["no", "yes"], scores: probabilities, probabilities: probabilities,
      decisions: probabilities.map { $0 >= 0.5 ? 1 : 0 }, truths: [0, 1, 1, 0, 1, 0, 1, 1, 0, 0]
    ).metrics()
    // Each is a mean of ten terms, a few units of the last place each.
    for (name, expected) in [
      ("log_loss", 0.38444363345337595), ("ece", 0.29), ("accuracy", 0.8), ("precision", 0.8),
      ("recall", 0.8), ("f1", 0.8), ("roc_auc", 0.92), ("pr_auc", 0.9266666666666665),
    ] {
      #expect(abs(try #require(metrics[name]) - expected) < 1e-15, "\(name)")
    }
  }

  /// scikit-learn 1.9.1: precision_score, recall_score, f1_score with average macro, micro and None.
  @Test("multiclass: macro, micro and single classes agree with scikit-learn")
  func multiclassOracle() throws {
    let metrics = Outcomes(
      .multiclass, names: ["a", "b", "c"], scores: [Double](repeating: 0, count: 36),
      decisions: [0, 2, 1, 1, 1, 2, 0, 0, 2, 1, 0, 0], truths: [0, 2, 1, 0, 1, 2, 2, 0, 1, 2, 0, 1]
    ).metrics()
    for (name, expected) in [
      ("macro_precision", 0.5888888888888889), ("macro_recall", 0.5833333333333334),
      ("macro_f1", 0.5793650793650793), ("micro_f1", 0.5833333333333334),
      ("accuracy", 0.5833333333333334), ("precision.a", 0.6), ("precision.c", 2.0 / 3),
      ("recall.a", 0.75), ("recall.b", 0.5), ("f1.c", 0.5714285714285714),
    ] {
      #expect(abs(try #require(metrics[name]) - expected) < 1e-15, "\(name)")
    }
  }

  /// scikit-learn 1.9.1: log_loss(y, P), roc_auc_score(y, P, multi_class="ovr"),
  /// average_precision_score(eye(3)[y], P); the calibration error is that of 15 bins of the highest
  /// probability, each without its lower end, by NumPy.
  @Test("multiclass: probabilities agree with scikit-learn")
  func multiclassProbabilities() throws {
    let probabilities = [
      0.7, 0.2, 0.1, 0.1, 0.1, 0.8, 0.2, 0.6, 0.2, 0.3, 0.5, 0.2, 0.1, 0.8, 0.1, 0.05, 0.15, 0.8,
      0.6, 0.1, 0.3, 0.9, 0.05, 0.05, 0.2, 0.3, 0.5, 0.1, 0.2, 0.7, 0.55, 0.25, 0.2, 0.3, 0.4, 0.3,
    ]
    let metrics = Outcomes(
      .multiclass, names: ["a", "b", "c"], scores: probabilities, probabilities: probabilities,
      decisions: [0, 2, 1, 1, 1, 2, 0, 0, 2, 2, 0, 1], truths: [0, 2, 1, 0, 1, 2, 2, 0, 1, 2, 0, 1]
    ).metrics()
    for (name, expected) in [
      ("log_loss", 0.5937510689042912), ("roc_auc", 0.9375), ("pr_auc", 0.8861111111111111),
      ("ece", 0.2625),
    ] {
      #expect(abs(try #require(metrics[name]) - expected) < 1e-15, "\(name)")
    }
  }

  @Test("multiclass: areas are means over the classes against the rest")
  func multiclass() {
    let metrics = Outcomes(
      .multiclass, names: ["a", "b", "c"], scores: [3, 1, 0, 0, 2, 1, 1, 2, 0, 0, 1, 5],
      decisions: [0, 1, 1, 2], truths: [0, 1, 0, 2]
    ).metrics()
    #expect(metrics["accuracy"] == 0.75)
    // Class 0: 3, 1 against 0, 0; class 1: 2 against 1, 2, 1; class 2: 5 against 0, 1, 0.
    let areas: [Double] = [1, 2.5 / 3, 1]
    #expect(metrics["roc_auc"] == areas.reduce(0, +) / 3)
    #expect(metrics["pr_auc"] == 2.5 / 3)
  }

  @Test("metrics that rows do not define are left out with a note")
  func undefined() {
    let metrics = Outcomes(
      .multiclass, names: ["a", "b", "c"], scores: [1, 0, 0, 0, 1, 0], decisions: [0, 1],
      truths: [0, 1]
    ).metrics()
    #expect(metrics.undefined == ["roc_auc", "pr_auc", "log_loss", "ece"])
    #expect(
      metrics.note == "left out, not defined by these rows: roc_auc, pr_auc, log_loss, ece")
    #expect(metrics.json.text.hasPrefix(#"{"accuracy": 1.0, "balanced_accuracy": 1.0, "#))
    #expect(metrics["recall.c"] == nil && metrics["recall.a"] == 1)
    let whole = Outcomes(targets: ["y"], values: [1, 2], truths: [1, 3]).metrics()
    #expect(whole.note == nil)
  }

  /// scikit-learn 1.9.1: precision_score, recall_score, f1_score with average macro and micro and
  /// zero_division=0, hamming_loss, accuracy_score.
  @Test("multilabel: agrees with scikit-learn")
  func multilabel() throws {
    let metrics = Outcomes(
      .multilabel, names: ["p", "q", "r"], scores: [Double](repeating: 0, count: 15),
      decisions: [1, 0, 0, 0, 1, 1, 1, 0, 0, 0, 0, 1, 0, 0, 0],
      truths: [1, 0, 1, 0, 1, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0]
    ).metrics()
    for (name, expected) in [
      ("macro_precision", 0.8333333333333334), ("macro_recall", 0.5555555555555555),
      ("macro_f1", 0.6555555555555556), ("micro_precision", 0.8),
      ("micro_recall", 0.5714285714285714), ("micro_f1", 0.6666666666666666),
      ("hamming_loss", 0.26666666666666666), ("accuracy", 0.2), ("recall.p", 2.0 / 3),
      ("precision.r", 0.5),
    ] {
      #expect(abs(try #require(metrics[name]) - expected) < 1e-15, "\(name)")
    }
  }

  @Test("regression: several targets are told apart by name")
  func regression() {
    let one = Outcomes(targets: ["y"], values: [1, 2], truths: [1, 4]).metrics()
    #expect(one.names == ["rmse", "mae", "r2"])
    let two = Outcomes(targets: ["a", "b"], values: [1, 0, 2, 0], truths: [1, 3, 4, 4]).metrics()
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
    let metrics = Outcomes(
      .anomaly, names: ["normal", "anomaly"], scores: [1, .nan], decisions: [1, 0], truths: [1, 0]
    ).metrics()
    #expect(metrics["accuracy"] == 1 && metrics["roc_auc"] == nil)
    #expect(!metrics.names.contains("ece"))
  }

  @Test("the names of a task are those of its metrics, before any row is read")
  func names() {
    let task = ModelTask(kind: .regression, targets: ["a", "b"])
    #expect(
      Outcomes(task).metrics().names
        == Outcomes(targets: ["a", "b"], values: [1, 2], truths: [1, 2]).metrics().names)
    let classes = ModelTask(kind: .multiclass, targets: ["y"], labels: ["p", "q", "r"])
    #expect(Outcomes(classes).metrics().names.last == "f1.r")
    for kind in [ModelTask.Kind.binary, .multilabel, .anomaly] {
      let task = ModelTask(kind: kind, targets: ["y"], labels: ["p", "q"])
      let cost = Cost(falsePositive: 1, falseNegative: 1)
      #expect(Outcomes(task).metrics(cost: cost).names.contains("cost"))
    }
  }

  @Test("a row that counts twice is the same as two rows, one that counts never is not there")
  func times() throws {
    var numbers = SeededNumbers(seed: 8)
    for kind in ModelTask.Kind.allCases {
      for _ in 0..<20 {
        let rows = Int.random(in: 1...25, using: &numbers)
        let times = (0..<rows).map { _ in Int32.random(in: 0...3, using: &numbers) }
        let all = randomOutcomes(kind, rows: rows, &numbers)
        let repeated = all.selecting(
          times.indices.flatMap { [Int](repeating: $0, count: Int(times[$0])) })
        let cost = Cost(falsePositive: 1, falseNegative: 3)
        let weighted = all.metrics(times: .each(times), orders: all.orders(), cost: cost)
        let plain = repeated.metrics(cost: cost)
        #expect(weighted.names == plain.names)
        for (one, other) in zip(weighted.all, plain.all) {
          #expect((one.value == nil) == (other.value == nil), "\(kind) \(one.name)")
          // Sums of at most 75 terms in two orders; r2 divides by a spread of at least 1e-3.
          if let value = one.value, let same = other.value {
            #expect(abs(value - same) <= 1e-11 * max(1, abs(value)), "\(kind) \(one.name)")
          }
        }
      }
    }
  }

  private func randomOutcomes(
    _ kind: ModelTask.Kind, rows: Int, _ numbers: inout SeededNumbers
  ) -> Outcomes {
    func draw(_ count: Int) -> [Double] {
      (0..<count).map { _ in (Double.random(in: 0...1, using: &numbers) * 20).rounded() / 20 }
    }
    func choose(_ count: Int, below limit: Int) -> [Int] {
      (0..<count).map { _ in Int.random(in: 0..<limit, using: &numbers) }
    }
    switch kind {
    case .regression:
      return Outcomes(targets: ["a", "b"], values: draw(2 * rows), truths: draw(2 * rows))
    case .multiclass:
      let scores = draw(3 * rows)
      return Outcomes(
        kind, names: ["a", "b", "c"], scores: scores, probabilities: scores,
        decisions: choose(rows, below: 3), truths: choose(rows, below: 3))
    default:
      let width = kind == .multilabel ? 2 : 1
      let scores = draw(width * rows)
      return Outcomes(
        kind, names: ["a", "b"], scores: scores, probabilities: kind == .anomaly ? [] : scores,
        decisions: choose(width * rows, below: 2), truths: choose(width * rows, below: 2))
    }
  }

  @Test("errors and losses are better when they are lower")
  func direction() {
    #expect(["accuracy", "r2", "r2.x", "pr_auc"].allSatisfy(Metrics.higherIsBetter))
    #expect(
      !["rmse", "rmse.x", "mae", "log_loss", "hamming_loss", "ece", "cost"].contains(
        where: Metrics.higherIsBetter))
  }
}

@Suite struct MetricLimitsTests {
  private let metrics = Outcomes(
    .binary, names: ["no", "yes"], scores: [1, 2, 3, 4], decisions: [1, 1, 1, 0],
    truths: [1, 1, 1, 1]
  ).metrics()

  private func limits(_ words: String...) throws -> MetricLimits {
    try MetricLimits(
      try Command.eval.parse(["m.bin", "d.csv"] + words), known: metrics)
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
        + "macro_f1, micro_f1, precision, recall, f1, roc_auc, pr_auc, log_loss, ece")
    #expect(failure?.hint == "did you mean \"accuracy\"?")
    #expect(throws: Failure.self) { try limits("--min", "accuracy=high") }
    #expect(throws: Failure.self) { try limits("--min", "accuracy") }
    #expect(throws: Failure.self) { try limits("--max", "accuracy=nan") }
  }
}
