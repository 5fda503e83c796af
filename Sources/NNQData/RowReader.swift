// SPDX-License-Identifier: Apache-2.0
public import NNQFiles

/// The readings of a table row by row, in the order of the features, in constant memory.
public struct RowReader: ~Copyable {
  /// Which columns of the file are read.
  public private(set) var columns: ColumnRoles
  private var reader: CSVReader
  /// The reader stands at a record that was not handed over.
  private var isHeld = false
  /// What is wrong with the record after the rows that were handed over.
  private var pending: DataError?

  /// Reads the header and finds the columns.
  ///
  /// - Throws: ``DataError``.
  public init(_ path: String, columns: ColumnSelection) throws(DataError) {
    let opened = try CSVReader(.open(path))
    self.columns = try ColumnRoles(header: opened.header, selection: columns, file: path)
    reader = opened
  }

  /// Reads the header and finds the columns.
  ///
  /// - Parameter hashes: take the SHA-256 of the whole (unpacked) file on the way.
  /// - Throws: ``DataError``.
  public init(
    _ source: consuming ByteSource, columns: ColumnSelection, hashes: Bool = false
  ) throws(DataError) {
    var opened = try CSVReader(source, hashes: hashes)
    var roles = try ColumnRoles(header: opened.header, selection: columns, file: opened.path)
    // The first record says which columns of a table for training are text.
    if case .training = columns, try opened.next(waits: true) == .record {
      isHeld = true
      let text = opened.withRecord { record in
        roles.features.filter { record.number($0) == .notANumber }
      }
      try roles.gather(text, isTextOnly: true, header: opened.header, file: opened.path)
    }
    self.columns = roles
    reader = opened
  }

  /// The path as the caller gave it.
  public var path: String { reader.path }
  /// The names of all columns of the file.
  public var header: [String] { reader.header }
  /// The physical line on which the last record started that was read.
  public var line: Int { reader.line }
  /// The SHA-256 of all that was read so far, in hexadecimal; nil when it was not asked for.
  public var sha256: String? { reader.sha256 }

  /// Appends the rows that are at hand to `readings`, `features` numbers each, NaN where a reading
  /// is missing; waits only while there is none.
  ///
  /// - Returns: the number of rows, 1 ... `limit`; 0 at the end.
  /// - Throws: ``DataError``, after the rows before the faulty one were handed over.
  public mutating func read(
    into readings: inout [Float], limit: Int = 1024
  ) throws(DataError) -> Int {
    try read(into: &readings, limit: limit) { _ in nil }
  }

  /// Reads rows and hands each record to `more` as well, which says what is wrong with it.
  mutating func read(
    into readings: inout [Float], limit: Int = 1024, more: (CSVRecord) -> CellFault?
  ) throws(DataError) -> Int {
    let (features, numbers, categories) = (columns.features, columns.numbers, columns.categories)
    var row = [Float](repeating: 0, count: features.count)
    return try readRecords(limit: limit) { record in
      for index in numbers {
        let column = features[index]
        switch record.number(column) {
        case .number(let value):
          row[index] = Float(value)
          guard row[index].isFinite else { return .infinite(column) }
        case .missing: row[index] = .nan
        case .infinite: return .infinite(column)
        case .notANumber: return .notANumber(column)
        }
      }
      for category in categories {
        if let fault = category.encode(record, into: &row) { return fault }
      }
      readings.append(contentsOf: row)
      return more(record)
    }
  }

  /// Appends the rows that are at hand to `counts`, like ``read(into:limit:)``, where each cell is
  /// a whole number in digits; a missing one is an error.
  public mutating func readCounts(
    into counts: inout [Int32], limit: Int = 1024
  ) throws(DataError) -> Int {
    let (features, numbers, categories) = (columns.features, columns.numbers, columns.categories)
    var row = [Int32](repeating: 0, count: features.count)
    return try readRecords(limit: limit) { record in
      for index in numbers {
        // An Int32's own parser takes a sign and digits, nothing else.
        guard let text = record.text(features[index]), let count = Int32(text) else {
          return .notACount(features[index])
        }
        row[index] = count
      }
      for category in categories {
        if let fault = category.encode(record, into: &row) { return fault }
      }
      counts.append(contentsOf: row)
      return nil
    }
  }

  // MARK: - Records

  /// Hands the records that are at hand to `take`, which says what is wrong with one.
  private mutating func readRecords(
    limit: Int, take: (CSVRecord) -> CellFault?
  ) throws(DataError) -> Int {
    precondition(limit > 0)
    if let pending { throw pending }
    var rows = 0
    do throws(DataError) {
      while rows < limit {
        if !isHeld, try reader.next(waits: rows == 0) != .record { break }
        isHeld = false
        if let fault = reader.withRecord(take) { throw error(for: fault) }
        rows += 1
      }
    } catch {
      guard rows > 0 else { throw error }
      pending = error
    }
    return rows
  }

  private func error(for fault: CellFault) -> DataError {
    func place(_ column: Int) -> CellPlace {
      CellPlace(file: path, line: line, column: header[column])
    }
    func text(_ column: Int) -> String { reader.withRecord { $0.excerpt(column) } }
    return switch fault {
    case .infinite(let column): .infinite(place(column), text: text(column))
    case .notANumber(let column): .notANumber(place(column), text: text(column))
    case .notACount(let column): .notACount(place(column), text: text(column))
    case .missing(let column): .missingCell(place(column))
    case .notText(let column): .numberAmongText(place(column), text: text(column))
    case .tooManyCategories(let column):
      .tooManyCategories(place(column), limit: CategoryColumn.mostValues)
    case .longCategory(let column):
      .longCategory(place(column), limit: CategoryColumn.longestValue)
    case .unknownCategory(let column):
      .unknownCategory(
        place(column), text: text(column),
        known: columns.categories.first { $0.column == column }?.values ?? [])
    case .binary: .binary(file: path, line: line)
    }
  }
}
