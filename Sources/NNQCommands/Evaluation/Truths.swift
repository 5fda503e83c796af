// SPDX-License-Identifier: Apache-2.0
import NNQData
import NNQFormat
import NNQWords

/// What is true of each row, in the terms of a model's task.
enum Truths {
  /// Binary, multiclass, anomaly: the index of the label.
  case labels([Int])
  /// Multilabel: `[rows][targets]`
  case flags([Bool])
  /// Regression: `[rows][targets]`, in the targets' units.
  case values([Double])

  /// Reads the target columns of a table.
  ///
  /// - Parameter targets: the table's columns, in the order of the task's targets.
  /// - Throws: ``Failure`` for a label that the model does not know, naming row and column.
  init(
    _ task: ModelTask, _ targets: [Dataset.Target], rows: Int, of path: String
  ) throws(Failure) {
    switch task.kind {
    case .binary, .multiclass:
      self = .labels(
        try Self.labelIndices(task, targets[0], rows: rows, of: path) {
          Self.index(of: $0, in: task.labels)
        })
    case .anomaly:
      // Whatever is not the label of the training rows is an anomaly.
      self = .labels(
        try Self.labelIndices(task, targets[0], rows: rows, of: path) {
          Self.index(of: $0, in: [task.labels[0]]) ?? 1
        })
    case .multilabel:
      var flags: [Bool] = []
      for (row, target) in Self.cells(rows, targets) {
        let value = target.values[row]
        guard value == 0 || value == 1 else {
          throw Self.unknown(row, target, path, "is neither 0 nor 1")
        }
        flags.append(value == 1)
      }
      self = .flags(flags)
    case .regression:
      var values: [Double] = []
      for (row, target) in Self.cells(rows, targets) {
        guard target.values[row].isFinite else {
          throw Self.unknown(row, target, path, "is not a number")
        }
        values.append(Double(target.values[row]))
      }
      self = .values(values)
    }
  }

  private static func labelIndices(
    _ task: ModelTask, _ target: Dataset.Target, rows: Int, of path: String,
    _ index: (String) -> Int?
  ) throws(Failure) -> [Int] {
    guard let labels = target.labels else {
      throw Failure(
        .badInput,
        "\(named(path)): column \(quoted(target.name)): more distinct labels than any task has")
    }
    let known = target.vocabulary.map(index)
    var indices: [Int] = []
    for (row, label) in labels.enumerated() {
      guard let index = known[Int(label)] else {
        throw unknown(
          row, target, path, "is no label of the model",
          hint: "its labels are \(task.labels.map(quoted).joined(separator: ", "))")
      }
      indices.append(index)
    }
    return indices
  }

  /// Equal numbers are one label, however they are written: `1.50` is `1.5`.
  private static func index(of text: String, in labels: [String]) -> Int? {
    if let index = labels.firstIndex(of: text) { return index }
    guard let value = decimal(text) else { return nil }
    return labels.firstIndex { decimal($0) == value }
  }

  /// Nil for what is no decimal number, and from 2^53 on, where the text counts.
  private static func decimal(_ text: String) -> Double? {
    guard text.utf8.allSatisfy("+-.0123456789Ee".utf8.contains), let value = Double(text),
      value.magnitude < 0x1p53
    else { return nil }
    return value
  }

  private static func cells(
    _ rows: Int, _ targets: [Dataset.Target]
  ) -> some Sequence<(row: Int, target: Dataset.Target)> {
    (0..<rows).lazy.flatMap { row in targets.map { (row: row, target: $0) } }
  }

  private static func unknown(
    _ row: Int, _ target: Dataset.Target, _ path: String, _ reason: String, hint: String? = nil
  ) -> Failure {
    let text = target.labels.map { quoted(target.vocabulary[Int($0[row])]) } ?? "the cell"
    return Failure(
      .badInput, "\(named(path)): row \(row + 1): column \(quoted(target.name)): \(text) \(reason)",
      hint: hint)
  }
}
