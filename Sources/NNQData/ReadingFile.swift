// SPDX-License-Identifier: Apache-2.0
public import NNQFiles

/// The readings of a table that memory does not hold, row by row in a ``ScratchFile``.
public struct ReadingFile: Equatable, Sendable {
  /// The number of rows.
  public let rows: Int
  /// Readings of a row.
  public let columns: Int
  private let file: ScratchFile

  /// Rows that are read at once where all are.
  private static let rowsAtOnce = 1 << 14

  init(rows: Int, columns: Int, file: ScratchFile) {
    self.rows = rows
    self.columns = columns
    self.file = file
  }

  /// Two tables are equal when they are one.
  public static func == (a: ReadingFile, b: ReadingFile) -> Bool { a.file === b.file }

  /// Why readings are missing from what was read so far; nil when none are.
  public var failure: FileError? { file.failure }

  /// The readings of a row.
  public func row(_ index: Int) -> [Float] {
    precondition(index >= 0 && index < rows)
    return file.numbers(from: index * columns, count: columns)
  }

  /// Hands over all readings in order, some whole rows at a time.
  public func forEachPiece(_ body: ([Float]) -> Void) {
    for first in stride(from: 0, to: rows, by: Self.rowsAtOnce) {
      let count = min(Self.rowsAtOnce, rows - first)
      body(file.numbers(from: first * columns, count: count * columns))
    }
  }

  /// The readings of one column, one a row.
  func column(_ index: Int) -> [Float] {
    var found: [Float] = []
    found.reserveCapacity(rows)
    forEachPiece { piece in
      for place in stride(from: index, to: piece.count, by: columns) { found.append(piece[place]) }
    }
    return found
  }

  /// The given rows in a file of their own.
  ///
  /// - Throws: ``FileError``.
  public func selecting(_ chosen: [Int]) throws(FileError) -> ReadingFile {
    let writer = try ScratchWriter()
    for first in stride(from: 0, to: chosen.count, by: Self.rowsAtOnce) {
      let some = chosen[first..<min(first + Self.rowsAtOnce, chosen.count)]
      try writer.append(some.flatMap(row))
    }
    return ReadingFile(rows: chosen.count, columns: columns, file: writer.finish())
  }
}

extension Dataset {
  /// The readings of one feature, one a row.
  public func column(_ index: Int) -> [Float] {
    if let file { return file.column(index) }
    return stride(from: index, to: readings.count, by: featureNames.count).map { readings[$0] }
  }

  /// The readings of one row.
  public func row(_ index: Int) -> ArraySlice<Float> {
    if let file { return file.row(index)[...] }
    return readings[index * featureNames.count..<(index + 1) * featureNames.count]
  }
}
