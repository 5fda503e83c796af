// SPDX-License-Identifier: Apache-2.0
import NNQFormat
import NNQWords

extension Page {
  /// What `eval --report` writes.
  ///
  /// - Parameters:
  ///   - source: the model and the table, in words.
  init(_ evaluation: Evaluation, title: String, source: String) {
    self.init(title: title)
    let outcomes = evaluation.outcomes
    add(paragraph: source)
    add(evaluation.metricsTable)
    add(outcomes)
    if outcomes.kind != .regression {
      if let table = evaluation.partsTable { add(table) }
      let matrix =
        outcomes.kind == .multilabel ? nil : evaluation.matrix.html(outcomes.names)
      add(heading: "Confusion")
      if let matrix {
        add(html: matrix)
      } else {
        for table in evaluation.confusionTables { add(table) }
      }
      if !outcomes.probabilities.isEmpty {
        add(heading: "Reliability of the probabilities")
        add(evaluation.reliabilityTable)
      }
    }
    if let importance = evaluation.importance {
      add(heading: "Importance of the features")
      add(importance.table)
    }
    if let slices = evaluation.slices {
      add(heading: "By \(printable(slices.column))")
      add(evaluation.table(of: slices.all, by: slices.column))
    }
  }

  /// Adds the charts of outcomes, and for a regression where its errors lie.
  mutating func add(_ outcomes: Outcomes) {
    add(outcomes.charts)
    if let note = outcomes.chartNote { add(paragraph: note) }
    if let table = outcomes.residualTable { add(table) }
  }
}
