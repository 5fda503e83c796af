// SPDX-License-Identifier: Apache-2.0
import NNQFiles

extension Dataset {
  /// Reads a table from a CSV or NumPy file, either packed with zstd or not; `-` is standard input.
  ///
  /// The columns of a NumPy file have no names: they are the features of the model in its order,
  /// or `x0`, `x1`, ... for a model that is yet to be trained (which then must need no target).
  /// - Parameter limit: the memory for the rows; nil is no limit.
  /// - Throws: ``DataError``; a table without rows is one.
  public init(
    reading path: String, columns: ColumnSelection, limit: MemoryLimit? = nil
  ) throws(DataError) {
    var source = try ByteSource.open(path)
    let isNumPy: Bool
    do { isNumPy = try source.starts(with: NumPyArray.magic) } catch { throw DataError(error) }
    if isNumPy {
      self = try Dataset(NumPyArray(reading: source, limit: limit), columns: columns, file: path)
    } else {
      // The hash is for a model's provenance and takes as long as the parsing: only training asks.
      var hashes = false
      if case .training = columns { hashes = true }
      self = try Dataset(RowReader(source, columns: columns, hashes: hashes), limit: limit)
    }
  }

  /// Reads all rows, with their targets and groups.
  private init(_ reader: consuming RowReader, limit: MemoryLimit?) throws(DataError) {
    let columns = reader.columns
    var targets = columns.targets.map {
      LabelColumn(name: reader.header[$0], limit: Target.vocabularyLimit)
    }
    let targetColumns = columns.targets
    let groupColumn = columns.group
    var groups = groupColumn.map { LabelColumn(name: reader.header[$0], limit: .max) }
    var gathered = columns.gathered
    var limit = limit
    // Values of categories are put among the others at the end, which takes them all in memory.
    if !gathered.isEmpty { limit?.bytesPerFiledRow = nil }
    limit?.add(columns: targets.count + (groups == nil ? 0 : 1))
    var readings: [Float] = []
    var writer: ScratchWriter?
    var rows = 0
    // How many values the categories have is seen at the end.
    let width = columns.features.count + gathered.count
    let fitting = limit?.rows(features: width) ?? .max
    while true {
      let got = try reader.read(into: &readings) { record in
        for index in gathered.indices {
          if let fault = gathered[index].append(record) { return fault }
        }
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
      guard rows > fitting, let limit else { continue }
      guard rows <= limit.mostRows(features: width) else {
        readings = []
        while case let more = try reader.read(into: &readings), more > 0 {
          rows += more
          readings.removeAll(keepingCapacity: true)
        }
        throw .tooManyRows(file: reader.path, found: rows, features: width, limit: limit)
      }
      let isFirst = writer == nil
      do {
        let file = if let writer { writer } else { try ScratchWriter() }
        try file.append(readings)
        writer = file
      } catch {
        throw .file(error)
      }
      readings.removeAll(keepingCapacity: !isFirst)
    }
    guard rows > 0 else { throw .noRows(file: reader.path) }
    let values = gathered.reduce(0) { $0 + $1.values }
    let features = columns.features.count + values
    if let limit, rows > limit.mostRows(features: features) {
      throw .tooManyRows(file: reader.path, found: rows, features: features, limit: limit)
    }
    let file = writer.map { ReadingFile(rows: rows, columns: width, file: $0.finish()) }
    let expanded = gathered.expand(
      names: columns.featureNames, columns: columns.features, numbers: readings, rows: rows)
    guard expanded.names.count <= ColumnRoles.mostFeatures else {
      throw .tooManyColumns(
        file: reader.path, found: expanded.names.count, limit: ColumnRoles.mostFeatures)
    }
    self.init(
      featureNames: expanded.names, rows: rows, readings: expanded.readings, file: file,
      targets: targets.map {
        Target(
          name: $0.name, values: $0.values, labels: $0.labels, vocabulary: $0.vocabulary,
          isNumeric: $0.isNumeric)
      },
      group: groups.map {
        Group(name: $0.name, labels: $0.labels ?? [], vocabulary: $0.vocabulary)
      },
      sourceSHA256: reader.sha256 ?? "", leftOut: columns.leftOut,
      categories: expanded.categories)
  }
}
