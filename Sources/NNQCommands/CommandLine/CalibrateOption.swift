// SPDX-License-Identifier: Apache-2.0
import NNQFormat

extension Option {
  /// The option that names tables to calibrate with.
  static func calibrate(_ help: String, initial: String) -> Option {
    .file(
      "--calibrate", "DATA.csv", "\(help); given again, the rows of another table follow",
      initial: .described(initial), isRepeatable: true)
  }
}

extension CalibrationRows {
  /// At most ``tableLimit`` rows, evenly spread over tables put one behind the other; nil for no table.
  ///
  /// How the rows are cut into tables is nothing: one table of the same rows in the same order gives the
  /// same. The model's targets may stand in a table: they are passed over, as are the ignored columns.
  /// - Throws: ``Failure`` for a table that does not fit the model's features.
  init?(
    tables paths: [String], for model: FloatModel, ignored: [String] = []
  ) throws(Failure) {
    guard !paths.isEmpty else { return nil }
    var readings: [Float] = []
    for path in paths {
      readings += try ModelRows(
        path, features: model.features, targets: nil, ignored: ignored + model.task.targets
      ).readings
    }
    let width = model.features.count
    let rows = readings.count / width
    let count = min(rows, Self.tableLimit)
    guard count < rows else {
      self.init(rows: rows, readings: readings)
      return
    }
    let chosen = (0..<count).map { $0 * rows / count }
    self.init(
      rows: count, readings: chosen.flatMap { readings[$0 * width..<($0 + 1) * width] })
  }
}
