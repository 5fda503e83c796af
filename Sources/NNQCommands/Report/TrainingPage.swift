// SPDX-License-Identifier: Apache-2.0
import NNQData
import NNQFormat
import NNQTrain
import NNQWords

extension Page {
  /// What `train --report` writes.
  ///
  /// - Parameters:
  ///   - heldBack: what the model says of the rows held back; nil where there are none.
  ///   - measured: the model that said it, in words.
  init(
    _ summary: TrainingSummary, _ curves: TrainingCurves, heldBack: Outcomes?, measured: String,
    of table: String
  ) {
    self.init(title: "\(summary.path): training")
    let task = summary.result.task.kind.name
    add(paragraph: "Trained on \(printable(table)), task \(task).")
    add(summary.facts)
    for symptom in summary.result.symptoms {
      add(html: "<p class=\"caution\">\(escaped(symptom.sentence))</p>")
    }
    add(heading: "Course")
    add(curves.charts)
    guard let heldBack else { return }
    add(heading: "The rows held back")
    add(
      paragraph:
        "Measured: \(measured). The rows chose the epoch, so that these figures are a little better"
        + " than those of rows that the training never saw.")
    if heldBack.kind == .anomaly {
      let leftOut = summary.result.rowsLeftOut
      add(
        paragraph: leftOut > 0
          ? "With them are the \(leftOut) rows that are not normal, which the training left out."
          : "All of them count as normal: what the model finds shows in nnq eval of rows with labels."
      )
    }
    var metrics = Table([.text("metric"), .number("value")])
    for metric in heldBack.metrics().all {
      guard let value = metric.value, heldBack.kind == .regression || !metric.isPart else {
        continue
      }
      metrics.add([metric.name, Format.significant(value, digits: 6)])
    }
    add(metrics)
    add(heldBack)
    guard [.binary, .multiclass, .anomaly].contains(heldBack.kind) else { return }
    let matrix = ConfusionMatrix(
      classes: heldBack.names.count, truths: heldBack.truths, predictions: heldBack.decisions)
    if let html = matrix.html(heldBack.names) {
      add(heading: "Confusion")
      add(html: html)
    }
  }
}

extension Outcomes {
  /// What a model says of the rows that its training held back, and of those that an anomaly model
  /// must not see; nil without any.
  static func heldBack(
    _ data: Dataset, _ settings: TrainingSettings, _ predictor: any Predictor, of path: String
  ) throws(Failure) -> Outcomes? {
    let rows = try naming(path) { try TrainingRows(data, settings: settings).judging }
    guard !rows.isEmpty else { return nil }
    let chosen = data.selecting(rows)
    let table = try ModelRows(chosen, features: predictor.features, path: path)
    let task = predictor.task
    let targets = task.targets.compactMap { name in
      chosen.targets.first { $0.name == name }
    }
    // Without a label all rows are normal.
    let truths =
      targets.isEmpty
      ? Truths.labels([Int](repeating: 0, count: rows.count))
      : try Truths(task, targets, rows: table.rows, of: path)
    return Outcomes(table.predictions(predictor), truths, task)
  }
}
