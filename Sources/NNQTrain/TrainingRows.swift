// SPDX-License-Identifier: Apache-2.0
package import NNQData
package import NNQLinalg

/// The rows of a training as it parts and reads them, for what goes on where it ended.
package struct TrainingRows: Sendable {
  private let prepared: PreparedData

  /// `[rows][features]` readings with missing ones replaced, in the sensors' units; the data set is
  /// in memory.
  package var readings: [Float] { prepared.readings }
  /// The rows that are fitted, ascending.
  package var fitted: [Int] { prepared.fitted }
  /// The rows held back, ascending; empty when none are.
  package var validation: [Int] { prepared.validation }
  /// The rows of the data set that judge, ascending: those held back and, for an anomaly model, those
  /// that are not normal.
  package let judging: [Int]
  /// Rows a step.
  package var batch: Int { prepared.hyperparameters.batch }

  /// - Throws: ``TrainingError``, as ``Trainer/train(_:groups:resuming:progress:keep:)`` does.
  package init(_ data: Dataset, settings: TrainingSettings) throws(TrainingError) {
    prepared = try PreparedData(data, groups: data.group?.labels, settings: settings)
    if let normal = PreparedData.usableRows(of: data, for: prepared.task) {
      var isJudging = [Bool](repeating: true, count: data.rows)
      for row in normal { isJudging[row] = false }
      for place in prepared.validation { isJudging[normal[place]] = true }
      judging = isJudging.indices.filter { isJudging[$0] }
    } else {
      judging = prepared.validation
    }
  }

  /// The figure of merit of a model's outputs for the rows held back; nil for anomaly.
  package func metric(_ outputs: Matrix) -> ValidationMetric? {
    ValidationMetric(
      of: outputs, targets: prepared.answers.gathered(prepared.validation),
      task: prepared.task.kind, scaling: prepared.targets.scaling)
  }
}
