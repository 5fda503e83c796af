// SPDX-License-Identifier: Apache-2.0
internal import NNQData
internal import NNQFormat
internal import NNQLinalg

/// What the network's outputs are compared with, for all rows of the data set.
struct TrainingTargets: Sendable {
  /// `[rows][outputs]`; the class index in one column for multiclass; nil for anomaly, whose targets
  /// are the network's own inputs.
  var values: Matrix?
  /// The class of each row where a row has exactly one.
  var classes: [Int]?
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
      classes = columns.first?.classes
    case .binary, .multiclass:
      let found = columns[0].classes ?? []
      classes = found
      outputs = task.kind == .binary ? 1 : task.labels.count
      values = Matrix(rows: data.rows, columns: 1, elements: found.map { Float($0) })
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

  /// The number of the given rows in the rarest class that has any, or on the rarer side of a
  /// label; nil for a task without classes.
  func rarestCount(in rows: [Int], task: ModelTask.Kind) -> Int? {
    guard let values else { return nil }
    switch task {
    case .regression, .anomaly: return nil
    case .binary, .multiclass:
      var counts = [Int: Int]()
      for row in rows { counts[Int(values[row, 0]), default: 0] += 1 }
      return counts.values.min()
    case .multilabel:
      return (0..<outputs).map { column in
        let positive = rows.count { values[$0, column] > 0.5 }
        return min(positive, rows.count - positive)
      }.min()
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
