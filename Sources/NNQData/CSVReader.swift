// SPDX-License-Identifier: Apache-2.0
public import NNQFiles

/// A comma-separated table as a stream of records, in constant memory.
///
/// RFC 4180 with the liberties that real files take: lines end in LF or CRLF, the last one needs no
/// end, a UTF-8 byte order mark is passed over, blank lines at the end are ignored. A quote opens a
/// quoted cell only as the cell's first byte; elsewhere it is a byte like any other.
public struct CSVReader: ~Copyable {
  /// The longest record in bytes: 16 MiB.
  public static let longestRecord = 1 << 24
  /// The most columns: the inputs of the largest model, and as many targets.
  public static let mostColumns = 2 * 65_535

  /// The names of the columns.
  public private(set) var header: [String] = []
  /// The physical line on which the current record starts; 1 is the header.
  public private(set) var line = 0

  private var source: ByteSource
  private var hash: SHA256?
  /// `bytes[start..<filled]` is what follows the current record. A line feed stands at `filled` at
  /// all times, so that the search for the end of a cell needs no other limit.
  private var bytes: [UInt8]
  private var start = 0
  private var filled = 0
  private var isAtEnd = false
  private var scan = CSVScan()
  /// The current record: its first byte in ``bytes`` and the cells' ends relative to it.
  private var recordStart = 0
  private var linesSoFar = 0
  /// The first of the blank lines before the place that the search has reached.
  private var blankLine: Int?

  /// What ``next(waits:)`` came upon.
  enum Step { case record, end, noWholeRecord }

  /// Reads the header.
  ///
  /// - Parameter hashes: take the SHA-256 of the whole (unpacked) file on the way.
  /// - Throws: ``DataError``.
  public init(_ source: consuming ByteSource, hashes: Bool = false) throws(DataError) {
    bytes = [UInt8](repeating: 0, count: source.step + 1)
    self.source = source
    hash = hashes ? SHA256() : nil
    try passOverByteOrderMark()
    guard try next(waits: true) == .record else { throw .empty(file: path) }
    guard scan.count <= Self.mostColumns else {
      throw .tooManyColumns(file: path, found: scan.count, limit: Self.mostColumns)
    }
    header = try names()
    scan.expectCells(header.count)
  }

  /// The path as the caller gave it.
  public var path: String { source.path }

  /// The SHA-256 of all that was read so far, in hexadecimal; nil when it was not asked for.
  public var sha256: String? { hash?.hex() }

  /// Moves on to the next record.
  ///
  /// - Parameter waits: read on where no whole record is at hand; else say so.
  mutating func next(waits: Bool) throws(DataError) -> Step {
    while true {
      switch scan.run(over: bytes, from: start, to: filled) {
      case .fault(let fault): throw error(for: fault)
      case .incomplete:
        if filled - start > Self.longestRecord { throw tooLong }
        if isAtEnd, start == filled { return .end }
        if isAtEnd {
          if scan.isInsideQuotes { throw .unterminatedQuote(file: path, line: linesSoFar + 1) }
          endLastLine()
        } else if waits {
          try readOn()
        } else {
          return .noWholeRecord
        }
      case .complete(let length):
        if length > Self.longestRecord { throw tooLong }
        line = linesSoFar + 1
        linesSoFar += scan.lines
        recordStart = start
        start += length
        if scan.isBlank {
          if blankLine == nil { blankLine = line }
        } else if let blankLine {
          // Blank lines are nothing only where no record follows.
          guard header.isEmpty else {
            throw .ragged(file: path, line: blankLine, found: 0, expected: header.count)
          }
          self.blankLine = nil
          return .record
        } else {
          guard header.isEmpty || scan.count == header.count else {
            throw .ragged(file: path, line: line, found: scan.count, expected: header.count)
          }
          return .record
        }
      }
    }
  }

  /// Hands the current record to `body`.
  func withRecord<Result>(_ body: (CSVRecord) -> Result) -> Result {
    unsafe bytes.withUnsafeBytes { bytes in
      unsafe scan.ends.withUnsafeBufferPointer { ends in
        body(
          unsafe CSVRecord(
            bytes: UnsafeRawBufferPointer(rebasing: bytes[recordStart..<start]), ends: ends))
      }
    }
  }

  // MARK: - Filling the buffer

  private mutating func passOverByteOrderMark() throws(DataError) {
    let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
    do {
      guard try source.starts(with: mark) else { return }
      var seen = mark
      _ = try source.read(into: &seen, at: 0..<seen.count)
      hash?.update(seen)
    } catch { throw DataError(error) }
  }

  /// Waits for more bytes.
  private mutating func readOn() throws(DataError) {
    let leastRoom = source.step / 4
    if bytes.count - 1 - filled < leastRoom, start > 0 {
      bytes.replaceSubrange(0..<filled - start, with: bytes[start..<filled])
      filled -= start
      start = 0
    }
    if bytes.count - 1 - filled < leastRoom {
      // Room that is not touched costs nothing, and a buffer that stays where it is is never held twice.
      let most = Self.longestRecord + source.step + 1
      bytes.reserveCapacity(most)
      bytes.append(contentsOf: repeatElement(0, count: min(bytes.count, most - bytes.count)))
    }
    do {
      // The last byte is kept for the line feed.
      let got = try source.read(into: &bytes, at: filled..<bytes.count - 1)
      isAtEnd = got == 0
      hash?.update(bytes, in: filled..<filled + got)
      filled += got
    } catch { throw DataError(error) }
    bytes[filled] = 0x0A
  }

  /// Gives the last line the end that it lacks.
  private mutating func endLastLine() {
    filled += 1
    if filled == bytes.count { bytes.append(0) }
    bytes[filled] = 0x0A
  }

  private var tooLong: DataError {
    .recordTooLong(file: path, line: linesSoFar + 1, limit: Self.longestRecord)
  }

  private func error(for fault: CSVScan.Fault) -> DataError {
    switch fault {
    case .nul: .binary(file: path, line: linesSoFar + 1)
    case .textAfterQuote: .textAfterQuote(file: path, line: linesSoFar + 1)
    }
  }

  // MARK: - Header

  /// The names in the current record: each one UTF-8, not empty, and there once.
  private func names() throws(DataError) -> [String] {
    let cells = withRecord { record in
      (0..<scan.count).map { record.text($0) }
    }
    var seen: Set<String> = []
    var names: [String] = []
    for (index, cell) in cells.enumerated() {
      guard let name = cell else { throw .binary(file: path, line: line) }
      guard !name.isEmpty, name.utf8.count <= 4096 else {
        throw .badColumnName(file: path, column: index + 1)
      }
      guard seen.insert(name).inserted else { throw .duplicateColumn(file: path, column: name) }
      names.append(name)
    }
    return names
  }
}
