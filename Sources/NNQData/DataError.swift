// SPDX-License-Identifier: Apache-2.0
public import NNQFiles

/// What is wrong with a table of sensor readings.
///
/// Every case names the file as the user gave it (`-` is standard input). A line is the physical
/// line on which a record starts; 1 is the header.
public enum DataError: Error, Equatable, Sendable {
  /// The file could not be read.
  case file(FileError)
  /// A zstd frame of the file is truncated or damaged.
  case zstd(file: String, ZstdError)
  /// There is not even a header.
  case empty(file: String)
  /// There is a header and no row.
  case noRows(file: String)
  /// The header, or a row, holds a NUL byte or a name that is not UTF-8.
  case binary(file: String, line: Int)
  /// A record is longer than ``CSVReader/longestRecord`` bytes.
  case recordTooLong(file: String, line: Int, limit: Int)
  /// A quoted cell has no end.
  case unterminatedQuote(file: String, line: Int)
  /// A quoted cell goes on after its closing quote.
  case textAfterQuote(file: String, line: Int)
  /// A record has more or fewer cells than the header.
  case ragged(file: String, line: Int, found: Int, expected: Int)

  /// The header has more columns than any model can use.
  case tooManyColumns(file: String, found: Int, limit: Int)
  /// A column's name is empty or longer than a model can store; columns count from 1.
  case badColumnName(file: String, column: Int)
  case duplicateColumn(file: String, column: String)
  case missingColumn(file: String, column: String)
  /// A column that is neither a feature nor a target.
  case unknownColumn(file: String, column: String)
  /// No column is named as target and none has a name that starts with `label` or `target`.
  case noTargetColumn(file: String)
  /// No column is left for a feature.
  case noFeatureColumn(file: String)

  case notANumber(CellPlace, text: String)
  /// An infinite number, or one that is too large for a binary32.
  case infinite(CellPlace, text: String)
  /// Not a whole number, or one outside of an Int32, where a sensor's count is expected.
  case notACount(CellPlace, text: String)
  /// A value that a column of categories did not have when the model was trained.
  case unknownCategory(CellPlace, text: String, known: [String])
  /// A number in a column that began with text and was not named as one of categories.
  case numberAmongText(CellPlace, text: String)
  /// A column of categories has more values than a model takes.
  case tooManyCategories(CellPlace, limit: Int)
  /// A value of a column of categories that is too long for the name of a feature.
  case longCategory(CellPlace, limit: Int)
  /// A column that was named as one of categories and is no feature.
  case notAFeature(file: String, column: String)
  /// A column of categories whose name holds an `=`.
  case badCategoryColumn(file: String, column: String)
  /// A target, a group or a category is missing.
  case missingCell(CellPlace)
  /// More rows than the memory holds that was allowed for them.
  case tooManyRows(file: String, found: Int, features: Int, limit: MemoryLimit)
  /// A feature that has no reading at all.
  case noReadings(column: String)

  case numPy(file: String, NumPyFault)
}

/// Where a cell stands.
public struct CellPlace: Equatable, Sendable {
  /// The file as the user gave it.
  public var file: String
  /// The physical line on which the record starts, 1 is the header. In a NumPy file, which has no
  /// lines, the row, 1 is the first.
  public var line: Int
  /// The name of the column.
  public var column: String

  /// The place in a line and a column of a file.
  public init(file: String, line: Int, column: String) {
    self.file = file
    self.line = line
    self.column = column
  }
}

/// What is wrong with a NumPy file.
public enum NumPyFault: Error, Equatable, Sendable {
  /// The first bytes are not those of a `.npy` file.
  case notNumPy
  case unsupportedVersion(major: UInt8, minor: UInt8)
  /// The header is not a dictionary with `descr`, `fortran_order` and `shape`.
  case malformedHeader
  /// A big-endian type.
  case bigEndian(descr: String)
  case unsupportedType(descr: String)
  case fortranOrder
  /// Neither one nor two dimensions.
  case dimensions(found: Int)
  /// More elements than memory can hold, or none.
  case shape(rows: Int, columns: Int)
  /// The data end early.
  case truncated(found: Int, expected: Int)
  /// Bytes stand after the data.
  case trailing(expected: Int)
  /// The array has another number of columns than the model has features.
  case columns(found: Int, expected: Int)
}

extension DataError {
  /// The same fact, told of a table's file.
  init(_ error: ByteSourceError) {
    switch error {
    case .file(let error): self = .file(error)
    case .zstd(let path, let error): self = .zstd(file: path, error)
    }
  }
}

extension ByteSource {
  /// A table's file, opened.
  static func open(_ path: String) throws(DataError) -> ByteSource {
    do { return try ByteSource(path) } catch { throw DataError(error) }
  }
}
