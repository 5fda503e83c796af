// SPDX-License-Identifier: Apache-2.0
import NNQFormat

/// What a model said of some rows and what is true of them: all that metrics are made of.
struct Outcomes: Sendable {
  let kind: ModelTask.Kind
  /// Multilabel, regression: the targets. Else the labels, the negative one first.
  let names: [String]
  let rows: Int
  /// `[rows][columns]`: what ranks the rows, the more likely above the less likely: logits (float) or
  /// output codes (int8), so that ranking loses nothing to the rounding of probabilities; the score
  /// of an anomaly. Empty for regression.
  let scores: [Double]
  /// `[rows][columns]`, each in 0 ... 1; empty where the task has none.
  let probabilities: [Double]
  /// `[rows]` class indices, or `[rows][targets]` 0 and 1 for multilabel; empty for regression.
  let decisions: [Int]
  /// As ``decisions``.
  let truths: [Int]
  /// Regression: `[rows][targets]`, each in its target's unit.
  let values: [Double]
  /// As ``values``.
  let trueValues: [Double]
  /// Of each row and, for multilabel, target: the mean of these is the log loss.
  let losses: [Double]

  /// The outcomes of a task with decisions.
  ///
  /// - Shape: as the properties of these names; `rows` follows from `truths`.
  init(
    _ kind: ModelTask.Kind, names: [String], scores: [Double], probabilities: [Double] = [],
    decisions: [Int], truths: [Int]
  ) {
    let width = kind == .multilabel ? names.count : 1
    precondition(decisions.count == truths.count && truths.count.isMultiple(of: max(width, 1)))
    self.kind = kind
    self.names = names
    rows = truths.count / max(width, 1)
    self.scores = scores
    self.probabilities = probabilities
    self.decisions = decisions
    self.truths = truths
    values = []
    trueValues = []
    let columns = kind == .multiclass ? names.count : width
    precondition(scores.count == rows * columns, "a score for each output")
    precondition(probabilities.isEmpty || probabilities.count == scores.count)
    losses =
      probabilities.isEmpty
      ? []
      : truths.indices.map { place in
        kind == .multiclass
          ? logLoss(ofTruth: probabilities[place * columns + truths[place]])
          : logLoss(ofTruth: truths[place] == 1 ? probabilities[place] : 1 - probabilities[place])
      }
  }

  /// The outcomes of a regression.
  ///
  /// - Shape: both are `[rows][targets.count]`.
  init(targets: [String], values: [Double], truths: [Double]) {
    precondition(values.count == truths.count && !targets.isEmpty)
    precondition(truths.count.isMultiple(of: targets.count))
    kind = .regression
    names = targets
    rows = truths.count / targets.count
    (scores, probabilities, losses, decisions, self.truths) = ([], [], [], [], [])
    self.values = values
    trueValues = truths
  }

  /// What a model said of the rows of a table.
  init(_ predictions: [Prediction], _ truths: Truths, _ task: ModelTask) {
    switch truths {
    case .values(let truths):
      self.init(targets: task.targets, values: predictions.flatMap(\.values), truths: truths)
    case .flags(let truths):
      self.init(
        .multilabel, names: task.targets, scores: predictions.flatMap(\.scores),
        probabilities: predictions.flatMap(\.probabilities),
        decisions: predictions.flatMap { $0.flags.map { $0 ? 1 : 0 } },
        truths: truths.map { $0 ? 1 : 0 })
    case .labels(let truths):
      let isAnomaly = task.kind == .anomaly
      self.init(
        task.kind, names: task.labels,
        scores: predictions.flatMap { isAnomaly ? [$0.anomalyScore ?? 0] : $0.scores },
        probabilities: predictions.flatMap(\.probabilities),
        decisions: predictions.map { $0.label ?? 0 }, truths: truths)
    }
  }

  /// No rows of a task, for the names of its metrics.
  init(_ task: ModelTask) {
    self.init(
      [],
      task.kind == .regression ? .values([]) : task.kind == .multilabel ? .flags([]) : .labels([]),
      task)
  }

  /// Truths and decisions of a row: one, or one for each target.
  var width: Int { kind == .multilabel || kind == .regression ? names.count : 1 }

  /// Scores of a row.
  var columns: Int {
    switch kind {
    case .binary, .anomaly: 1
    case .multiclass, .multilabel: names.count
    case .regression: 0
    }
  }

  /// Whether a row is what column `column` of the scores speaks for.
  func isTrue(_ row: Int, column: Int) -> Bool {
    switch kind {
    case .multiclass: truths[row] == column
    case .multilabel: truths[row * width + column] == 1
    default: truths[row] == 1
    }
  }

  /// The outcomes of some of the rows.
  func selecting(_ chosen: [Int]) -> Outcomes {
    func pick<Value>(_ all: [Value], _ width: Int) -> [Value] {
      all.isEmpty ? [] : chosen.flatMap { all[$0 * width..<($0 + 1) * width] }
    }
    if kind == .regression {
      return Outcomes(targets: names, values: pick(values, width), truths: pick(trueValues, width))
    }
    return Outcomes(
      kind, names: names, scores: pick(scores, columns),
      probabilities: pick(probabilities, columns), decisions: pick(decisions, width),
      truths: pick(truths, width))
  }
}
