// SPDX-License-Identifier: Apache-2.0
import NNQData
import NNQFormat

/// Rows of a table in a model's order of features, missing readings replaced.
struct ModelRows {
  let path: String
  let rows: Int
  /// `[rows][features]`
  let readings: [Float]
  /// The same as they stand in the table: NaN where one is missing.
  let original: [Float]
  /// In the order of the task's targets; empty when they were not asked for.
  let targets: [Dataset.Target]
  /// The column that parts the rows, when one was asked for.
  let group: Dataset.Group?

  /// - Parameters:
  ///   - targets: the columns that hold the truth, or nil when it is not needed.
  ///   - ignored: the columns that may stand in the table beside those.
  ///   - group: the column that parts the rows.
  ///   - limit: the memory for the rows; nil is no limit.
  init(
    _ path: String, features: [Feature], targets: [String]?, ignored: [String] = [],
    group: String? = nil, limit: MemoryLimit? = nil
  ) throws(Failure) {
    let data = try naming(path) {
      try Dataset(
        reading: path,
        columns: .model(
          features: features.map(\.name), targets: targets ?? [], requiresTargets: targets != nil,
          ignored: ignored, group: group),
        limit: limit)
    }
    try self.init(data, features: features, path: path)
  }

  init(_ data: Dataset, features: [Feature], path: String) throws(Failure) {
    var readings = data.readings
    try features.fillMissing(in: &readings, of: path)
    self.path = path
    rows = data.rows
    self.readings = readings
    original = data.readings
    targets = data.targets
    group = data.group
  }

  init(path: String, rows: Int, readings: [Float]) {
    self.path = path
    self.rows = rows
    self.readings = readings
    original = readings
    targets = []
    group = nil
  }

  /// The readings of one row.
  func row(_ index: Int) -> ArraySlice<Float> {
    let width = readings.count / rows
    return readings[index * width..<(index + 1) * width]
  }

  /// What a model says of every row.
  func predictions(_ predictor: any Predictor) -> [Prediction] {
    (0..<rows).map { predictor.predict(row($0)) }
  }

  /// The same, once it is known to be finite.
  ///
  /// - Throws: ``Failure`` that names the first row that is not.
  func checkedPredictions(_ predictor: any Predictor) throws(Failure) -> [Prediction] {
    var predictions: [Prediction] = []
    predictions.reserveCapacity(rows)
    for index in 0..<rows {
      predictions.append(try predictor.predict(row(index)).checked(row: index + 1, of: path))
    }
    return predictions
  }
}
