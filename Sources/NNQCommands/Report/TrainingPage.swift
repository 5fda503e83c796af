// SPDX-License-Identifier: Apache-2.0
import NNQData
import NNQFormat
import NNQTrain
import NNQWords

extension Page {
  /// What `train --report` writes.
  ///
  /// - Parameter heldBack: what the model says of the rows held back; nil where there are none.
  init(_ summary: TrainingSummary, _ curves: TrainingCurves, heldBack: Outcomes?, of table: String)
  {
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
        "They chose the epoch, so that these figures are a little better than those of rows"
        + " that the training never saw.")
    var metrics = Table([.text("metric"), .number("value")])
    for metric in heldBack.metrics().all {
      guard let value = metric.value, heldBack.kind == .regression || !metric.isPart else {
        continue
      }
      metrics.add([metric.name, Format.significant(value, digits: 6)])
    }
    add(metrics)
    add(heldBack)
    guard heldBack.kind == .binary || heldBack.kind == .multiclass else { return }
    let matrix = ConfusionMatrix(
      classes: heldBack.names.count, truths: heldBack.truths, predictions: heldBack.decisions)
    if let html = matrix.html(heldBack.names) {
      add(heading: "Confusion")
      add(html: html)
    }
  }
}

extension Outcomes {
  /// What a model says of the rows that its training held back; nil for anomaly, and without any.
  static func heldBack(
    _ data: Dataset, _ settings: TrainingSettings, _ model: FloatModel, of path: String
  ) throws(Failure) -> Outcomes? {
    guard model.task.kind != .anomaly else { return nil }
    let rows = try naming(path) { try TrainingRows(data, settings: settings).validation }
    guard !rows.isEmpty else { return nil }
    let chosen = data.selecting(rows)
    let table = try ModelRows(chosen, features: model.features, path: path)
    let targets = model.task.targets.compactMap { name in
      chosen.targets.first { $0.name == name }
    }
    let truths = try Truths(model.task, targets, rows: table.rows, of: path)
    return Outcomes(table.predictions(FloatPredictor(model)), truths, model.task)
  }
}
