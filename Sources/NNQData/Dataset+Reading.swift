// SPDX-License-Identifier: Apache-2.0
import NNQFiles

extension Dataset {
  /// Reads a table from a CSV or NumPy file, either packed with zstd or not; `-` is standard input.
  ///
  /// The columns of a NumPy file have no names: they are the features of the model in its order,
  /// or `x0`, `x1`, ... for a model that is yet to be trained (which then must need no target).
  /// - Throws: ``DataError``; a table without rows is one.
  public init(reading path: String, columns: ColumnSelection) throws(DataError) {
    var source = try ByteSource.open(path)
    let isNumPy: Bool
    do { isNumPy = try source.starts(with: NumPyArray.magic) } catch { throw DataError(error) }
    if isNumPy {
      self = try Dataset(NumPyArray(reading: source), columns: columns, file: path)
    } else {
      // The hash is for a model's provenance and takes as long as the parsing: only training asks.
      var hashes = false
      if case .training = columns { hashes = true }
      self = try Dataset(RowReader(source, columns: columns, hashes: hashes))
    }
  }

  /// Reads all rows, with their targets and groups.
  private init(_ reader: consuming RowReader) throws(DataError) {
    let columns = reader.columns
    var targets = columns.targets.map {
      LabelColumn(name: reader.header[$0], limit: Target.vocabularyLimit)
    }
    let targetColumns = columns.targets
    let groupColumn = columns.group
    var groups = groupColumn.map { LabelColumn(name: reader.header[$0], limit: .max) }
    var readings: [Float] = []
    var rows = 0
    while true {
      let got = try reader.read(into: &readings) { record in
        for index in targets.indices {
          if let fault = targets[index].append(record, column: targetColumns[index]) {
            return fault
          }
        }
        guard let groupColumn else { return nil }
        return groups?.append(record, column: groupColumn)
      }
      if got == 0 { break }
      rows += got
    }
    guard rows > 0 else { throw .noRows(file: reader.path) }
    self.init(
      featureNames: columns.featureNames, rows: rows, readings: readings,
      targets: targets.map {
        Target(
          name: $0.name, values: $0.values, labels: $0.labels, vocabulary: $0.vocabulary,
          isNumeric: $0.isNumeric)
      },
      group: groups.map {
        Group(name: $0.name, labels: $0.labels ?? [], vocabulary: $0.vocabulary)
      },
      sourceSHA256: reader.sha256 ?? "", leftOut: columns.leftOut)
  }
}
