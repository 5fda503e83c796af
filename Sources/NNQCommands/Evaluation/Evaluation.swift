// SPDX-License-Identifier: Apache-2.0
import NNQFormat

/// Metrics with their intervals.
struct Measurement: Sendable {
  let metrics: Metrics
  let intervals: Intervals

  init(_ outcomes: Outcomes, _ options: EvaluationOptions) {
    metrics = outcomes.metrics(cost: options.cost)
    intervals = Intervals(
      outcomes, metrics, cost: options.cost, resamples: options.resamples, seed: options.seed)
  }

  var intervalsJSON: JSON {
    .object(
      zip(metrics.all, intervals.ranges).compactMap { metric, range in
        range.map { (key: metric.name, value: JSON([$0.lowerBound, $0.upperBound])) }
      })
  }
}

/// One model on one table: what `eval` prints.
struct Evaluation {
  let outcomes: Outcomes
  let whole: Measurement
  /// The column, and each slice with its measurement.
  let slices: (column: String, all: [(slice: Slices.Slice, measurement: Measurement)])?
  /// What `--cost` or `--fit-temperature` made of the model.
  let change: ModelChange?
  /// What `--importance` found.
  let importance: Importance?

  init(
    _ outcomes: Outcomes, _ options: EvaluationOptions, slices: Slices?, change: ModelChange?,
    importance: Importance?
  ) {
    self.outcomes = outcomes
    whole = Measurement(outcomes, options)
    self.slices = slices.map { slices in
      (
        slices.column,
        slices.all.map { ($0, Measurement(outcomes.selecting($0.rows), options)) }
      )
    }
    self.change = change
    self.importance = importance
  }

  /// The members of the JSON object beside the metrics, those that the task has.
  var json: [(key: String, value: JSON)] {
    var members: [(key: String, value: JSON)] = [
      ("intervals", whole.intervalsJSON),
      ("confidence", .number(Intervals.confidence)),
      ("resamples", .integer(whole.intervals.resamples)),
    ]
    if outcomes.kind != .regression {
      members.append(("confusion", confusionJSON))
    }
    if !outcomes.probabilities.isEmpty {
      members.append(("reliability", Reliability(outcomes).json))
    }
    if let slices {
      members.append(
        (
          "slices",
          [
            "column": .string(slices.column),
            "groups": .array(
              slices.all.map { slice, measurement in
                [
                  "value": .string(slice.name), "rows": .integer(slice.rows.count),
                  "metrics": measurement.metrics.json, "intervals": measurement.intervalsJSON,
                ]
              }),
          ]
        ))
    }
    if let importance { members.append(("importance", importance.json)) }
    if let change { members.append(change.json) }
    return members
  }

  /// One matrix, or one for each target; `counts` is `[truth][decision]`.
  private var confusionJSON: JSON {
    func object(_ matrix: ConfusionMatrix, _ labels: [String]) -> JSON {
      [
        "labels": JSON(labels),
        "counts": .array(
          labels.indices.map { truth in JSON(labels.indices.map { matrix[truth, $0] }) }),
      ]
    }
    guard outcomes.kind == .multilabel else { return object(matrix, outcomes.names) }
    return .object(
      zip(outcomes.names, flags.matrices).map { (key: $0, value: object($1, ["0", "1"])) })
  }

  var matrix: ConfusionMatrix {
    ConfusionMatrix(
      classes: outcomes.names.count, truths: outcomes.truths, predictions: outcomes.decisions)
  }

  var flags: MultilabelMetrics {
    MultilabelMetrics(
      labels: outcomes.names.count, truths: outcomes.truths, predictions: outcomes.decisions)
  }
}
