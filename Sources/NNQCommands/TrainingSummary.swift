// SPDX-License-Identifier: Apache-2.0
import NNQFormat
import NNQTrain
import NNQWords

/// What `nnq train` says when it is done.
struct TrainingSummary {
  let result: TrainingResult
  /// Nil where the integers were not trained.
  let tuned: QuantizeAwareSummary?
  let path: String
  let fileBytes: Int
  let identity: String

  var json: JSON {
    .answer([
      "output": .string(path),
      "sha256": .string(identity),
      "task": .string(result.task.kind.name),
      "targets": JSON(result.model.task.targets),
      "labels": JSON(result.model.task.labels),
      "epochs": .integer(result.epochsRun),
      "best_epoch": .integer(result.bestEpoch),
      "rows_fitted": .integer(result.fittedRows),
      "rows_validated": .integer(result.validationRows),
      "validation_loss": JSON(result.validationLoss),
      "validation_metric": result.validationMetric.map {
        ["name": .string($0.name.rawValue), "value": .number($0.value)]
      } ?? .null,
      "constant_features": JSON(result.constantFeatures),
      "quantize_aware": tuned?.json ?? .null,
      "file_bytes": .integer(fileBytes),
    ])
  }

  /// What people are told, beside the file.
  var facts: Table {
    var facts = Table([.text(""), .text("")])
    let widths = [result.model.inputs] + result.model.layers.map(\.outputs)
    facts.add(["network", widths.map { "\($0)" }.joined(separator: "-")])
    facts.add(["rows", "\(result.fittedRows) fitted, \(result.validationRows) held back"])
    facts.add(["epochs", "\(result.epochsRun), the best is \(result.bestEpoch)"])
    if let loss = result.validationLoss {
      facts.add(["validation loss", Format.significant(loss, digits: 5)])
    }
    if let metric = result.validationMetric {
      facts.add(["validation \(metric.name.rawValue)", Format.significant(metric.value, digits: 5)])
    }
    for (name, value) in tuned?.facts ?? [] { facts.add([name, value]) }
    if result.rowsLeftOut > 0 {
      facts.add(["left out", "\(result.rowsLeftOut) rows that are not normal"])
    }
    return facts
  }

  func text(style: Style) -> String {
    facts.text(style: style) + "\(printable(path)): \(Format.bytes(fileBytes))\n"
  }
}
