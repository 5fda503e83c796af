// SPDX-License-Identifier: Apache-2.0
internal import NNQData
internal import NNQFormat
internal import NNQLinalg

/// What the network's outputs are compared with, for all rows of the data set.
struct TrainingTargets: Sendable {
  /// `[rows][outputs]`; the class index in one column for multiclass; nil for anomaly, whose targets
  /// are the network's own inputs.
  var values: Matrix?
  var outputs: Int
  var scaling: [ModelTask.TargetScaling] = []

  /// - Parameter fitted: the rows whose targets set the scaling of a regression.
  /// - Throws: ``TrainingError/constantTarget(name:)``.
  init(
    of data: Dataset, for task: DetectedTask, fitted: [Int]
  ) throws(TrainingError) {
    let columns = task.targets.map { data.targets[$0] }
    switch task.kind {
    case .anomaly:
      outputs = data.featureNames.count
    case .binary, .multiclass:
      outputs = task.kind == .binary ? 1 : task.labels.count
      values = Matrix(rows: data.rows, columns: 1, elements: columns[0].classes ?? [])
    case .multilabel:
      outputs = columns.count
      values = Self.interleave(columns.map(\.values), rows: data.rows)
    case .regression:
      outputs = columns.count
      var standardized = [[Float]]()
      for column in columns {
        guard let spread = ColumnSpread(of: fitted.map { column.values[$0] }), !spread.isConstant
        else { throw .constantTarget(name: column.name) }
        scaling.append(ModelTask.TargetScaling(offset: spread.mean, scale: spread.scale))
        standardized.append(
          column.values.map { Float((Double($0) - spread.mean) / spread.scale) })
      }
      values = Self.interleave(standardized, rows: data.rows)
    }
  }

  /// The number of the given rows of each class, or on both sides of each label for multilabel;
  /// empty for a task without classes.
  func countClasses(in rows: [Int], task: ModelTask.Kind) -> [Int] {
    guard let values else { return [] }
    switch task {
    case .regression, .anomaly: return []
    case .binary, .multilabel:
      return (0..<outputs).flatMap { column in
        let positive = rows.count { values[$0, column] > 0.5 }
        return [rows.count - positive, positive]
      }
    case .multiclass:
      var counts = Array(repeating: 0, count: outputs)
      for row in rows { counts[Int(values[row, 0])] += 1 }
      return counts
    }
  }

  private static func interleave(_ columns: [[Float]], rows: Int) -> Matrix {
    var matrix = Matrix(rows: rows, columns: columns.count)
    for (index, column) in columns.enumerated() {
      for row in 0..<rows { matrix[row, index] = column[row] }
    }
    return matrix
  }
}
