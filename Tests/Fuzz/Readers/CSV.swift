// SPDX-License-Identifier: Apache-2.0
import NNQData

/// A table for training has as many numbers as rows and columns, and so have the rows for a model's
/// features, however few are asked for at once.
func fuzzCSV(_ bytes: [UInt8]) {
  let path = memoryFile(bytes)
  if let table = try? Dataset(reading: path, columns: forTraining) { check(table) }
  rewindMemoryFile()
  guard var reader = try? RowReader(path, columns: .model(features: ["a", "b"])) else { return }
  var readings: [Float] = []
  while let rows = try? reader.read(into: &readings, limit: 7), rows > 0 {
    must(rows <= 7 && readings.count.isMultiple(of: 2))
  }
  must(!readings.contains { $0.isInfinite })
}

let forTraining = ColumnSelection.training(
  targets: [], group: nil, excluded: [], categorical: [], requiresTarget: false)

func check(_ table: Dataset) {
  must(table.rows > 0 && table.readings.count == table.rows * table.featureNames.count)
  must(!table.readings.contains { $0.isInfinite })
}
