// SPDX-License-Identifier: Apache-2.0
import NNQFormat
import NNQWords

extension Evaluation {
  /// What `eval` prints for people.
  func text(style: Style, details: Bool) -> String {
    var parts = [metricsTable.text(style: style)]
    if details { parts += detailTables.map { $0.text(style: style) } }
    if let slices { parts.append(table(of: slices.all, by: slices.column).text(style: style)) }
    if let importance { parts.append(importance.table.text(style: style)) }
    if let change { parts.append(change.text(style: style)) }
    return parts.joined(separator: "\n")
  }

  /// Targets of a regression stand here, classes and flags in a table of their own.
  var metricsTable: Table {
    var table = Table([.text("metric"), .number("value"), .number("95 % interval")])
    for (metric, range) in zip(whole.metrics.all, whole.intervals.ranges) {
      guard let value = metric.value, outcomes.kind == .regression || !metric.isPart else {
        continue
      }
      table.add([metric.name, Self.number(value), range.map(Self.words) ?? ""])
    }
    return table
  }

  private static func number(_ value: Double) -> String { Format.significant(value, digits: 6) }

  private static func words(_ range: ClosedRange<Double>) -> String {
    "\(Format.significant(range.lowerBound, digits: 4)) to "
      + Format.significant(range.upperBound, digits: 4)
  }

  // MARK: - Details

  private var detailTables: [Table] {
    guard outcomes.kind != .regression else { return [] }
    return [partsTable].compactMap(\.self) + confusionTables
      + (outcomes.probabilities.isEmpty ? [] : [reliabilityTable])
  }

  /// Each class or target; nil for two classes, whose figures are among the metrics.
  var partsTable: Table? {
    let isFlags = outcomes.kind == .multilabel
    guard isFlags || outcomes.kind == .multiclass else { return nil }
    var table = Table([
      .text(isFlags ? "target" : "class"), .number("rows"), .number("found"),
      .number("precision"), .number("recall"), .number("f1"),
    ])
    let matrices = isFlags ? flags.matrices : [matrix]
    for (index, name) in outcomes.names.enumerated() {
      let own = matrices[isFlags ? index : 0]
      let label = isFlags ? 1 : index
      table.add(
        [name, "\(own.support(label))", "\(own.predicted(label))"]
          + [own.precision(label), own.recall(label), own.f1(label)].map {
            $0.map { Format.significant($0, digits: 4) } ?? "-"
          })
    }
    return table
  }

  /// Wider matrices would not fit a screen; the most frequent mistakes stand for them.
  private static let widestMatrix = 12
  private static let mostMistakes = 20

  var confusionTables: [Table] {
    if outcomes.kind == .multilabel {
      var table = Table([
        .text("target"), .number("true negatives"), .number("false positives"),
        .number("false negatives"), .number("true positives"),
      ])
      for (name, matrix) in zip(outcomes.names, flags.matrices) {
        table.add([name] + matrix.counts.map { "\($0)" })
      }
      return [table]
    }
    let matrix = matrix
    guard matrix.classes > Self.widestMatrix else {
      var table = Table(
        [.text("truth, decision")] + outcomes.names.map { .number(printable($0)) })
      for (truth, name) in outcomes.names.enumerated() {
        table.add([name] + outcomes.names.indices.map { "\(matrix[truth, $0])" })
      }
      return [table]
    }
    var table = Table([.text("truth"), .text("decision"), .number("rows")])
    let mistakes = matrix.counts.indices
      .filter { matrix.counts[$0] > 0 && $0 / matrix.classes != $0 % matrix.classes }
      .sorted { (matrix.counts[$1], $0) < (matrix.counts[$0], $1) }
    for place in mistakes.prefix(Self.mostMistakes) {
      table.add([
        outcomes.names[place / matrix.classes], outcomes.names[place % matrix.classes],
        "\(matrix.counts[place])",
      ])
    }
    return [table]
  }

  var reliabilityTable: Table {
    var table = Table([
      .text("probability"), .number(outcomes.kind == .multilabel ? "flags" : "rows"),
      .number("mean"), .number("true"),
    ])
    for (index, bin) in Reliability(outcomes).bins.enumerated() where bin.count > 0 {
      let (low, high) = Reliability.range(index)
      table.add([
        "\(Format.fixed(low, decimals: 3)) to \(Format.fixed(high, decimals: 3))", "\(bin.count)",
        Format.fixed(bin.probability ?? 0, decimals: 4),
        Format.fixed(bin.frequency ?? 0, decimals: 4),
      ])
    }
    return table
  }

  // MARK: - Slices

  func table(
    of slices: [(slice: Slices.Slice, measurement: Measurement)], by column: String
  ) -> Table {
    let names =
      switch outcomes.kind {
      case .binary, .anomaly: ["accuracy", "precision", "recall", "roc_auc"]
      case .multiclass, .multilabel: ["accuracy", "macro_f1"]
      case .regression: ["rmse", "mae", "r2"]
      }
    var table = Table(
      [.text(printable(column)), .number("rows")] + names.map { .number($0) }
        + [.number("95 % interval of \(names[0])")])
    for (slice, measurement) in slices {
      let range = measurement.metrics.all.firstIndex { $0.name == names[0] }
        .flatMap { measurement.intervals.ranges[$0] }
      table.add(
        [slice.name, "\(slice.rows.count)"]
          + names.map { measurement.metrics[$0].map { Format.significant($0, digits: 4) } ?? "-" }
          + [range.map(Self.words) ?? ""])
    }
    return table
  }
}
