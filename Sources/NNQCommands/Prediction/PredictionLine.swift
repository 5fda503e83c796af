// SPDX-License-Identifier: Apache-2.0
import NNQFormat

/// How `nnq predict` writes one row: a CSV line or a JSON object.
struct PredictionLine {
  let task: ModelTask

  /// The heading of the CSV form.
  var heading: String {
    switch task.kind {
    case .binary, .multiclass: "label,probability"
    case .multilabel: (task.targets + task.targets.map { "probability_\($0)" }).csvLine
    case .regression: task.targets.csvLine
    case .anomaly: "label,score"
    }
  }

  func csv(_ prediction: Prediction) -> String {
    switch task.kind {
    case .binary, .multiclass:
      [label(prediction), "\(probability(prediction))"].csvLine
    case .multilabel:
      (prediction.flags.map { $0 ? "1" : "0" } + prediction.probabilities.map { "\($0)" }).csvLine
    case .regression: prediction.values.map { "\($0)" }.csvLine
    case .anomaly: [label(prediction), score(prediction)].csvLine
    }
  }

  func json(_ prediction: Prediction) -> JSON {
    var members: [(key: String, value: JSON)] = []
    switch task.kind {
    case .binary, .multiclass:
      members.append(("label", .string(label(prediction))))
      members.append(("probability", .number(probability(prediction))))
      members.append(("probabilities", .object(named(prediction))))
    case .multilabel:
      members.append(
        (
          "labels",
          .object(zip(task.targets, prediction.flags).map { (key: $0, value: .boolean($1)) })
        ))
      members.append(
        (
          "probabilities",
          .object(zip(task.targets, prediction.probabilities).map { (key: $0, value: .number($1)) })
        ))
    case .regression:
      members.append(
        (
          "values",
          .object(zip(task.targets, prediction.values).map { (key: $0, value: .number($1)) })
        ))
    case .anomaly:
      members.append(("label", .string(label(prediction))))
      members.append(("score", prediction.anomalyScore.map { .number($0) } ?? .null))
    }
    if !prediction.margins.isEmpty {
      members.append(("margins", JSON(prediction.margins.map { Int($0) })))
    }
    if !prediction.codes.isEmpty {
      members.append(("codes", JSON(prediction.codes.map { Int($0) })))
    }
    return .object(members)
  }

  private func label(_ prediction: Prediction) -> String { task.labels[prediction.label ?? 0] }

  private func score(_ prediction: Prediction) -> String {
    guard let score = prediction.anomalyScore else { return "" }
    return prediction.codes.isEmpty ? "\(score)" : "\(Int64(score))"
  }

  /// Of the label that was decided.
  private func probability(_ prediction: Prediction) -> Double {
    let index = prediction.label ?? 0
    guard task.kind == .binary else { return prediction.probabilities[index] }
    return index == 1 ? prediction.probabilities[0] : 1 - prediction.probabilities[0]
  }

  private func named(_ prediction: Prediction) -> [(key: String, value: JSON)] {
    let all =
      task.kind == .binary
      ? [1 - prediction.probabilities[0], prediction.probabilities[0]] : prediction.probabilities
    return zip(task.labels, all).map { (key: $0, value: .number($1)) }
  }
}

extension [String] {
  /// The cells joined by commas, quoted where they must be.
  var csvLine: String {
    map { cell in
      let needsQuotes = cell.utf8.contains { [UInt8(ascii: ","), 34, 10, 13].contains($0) }
      guard needsQuotes else { return cell }
      return "\""
        + cell.split(separator: "\"", omittingEmptySubsequences: false)
        .joined(separator: "\"\"") + "\""
    }.joined(separator: ",")
  }
}
