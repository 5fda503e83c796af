// SPDX-License-Identifier: Apache-2.0
import NNQFiles
import NNQTestSupport
import Testing

@testable import NNQData

@Suite struct CSVReaderTests {
  let folder = TemporaryFolder()

  /// All records as text, with the lines on which they start.
  func table(_ path: String) throws -> (header: [String], cells: [[String]], lines: [Int]) {
    var reader = try CSVReader(ByteSource(path))
    var cells: [[String]] = []
    var lines: [Int] = []
    while try reader.next(waits: true) == .record {
      let count = reader.header.count
      cells.append(reader.withRecord { record in (0..<count).map { record.text($0) ?? "?" } })
      lines.append(reader.line)
    }
    return (reader.header, cells, lines)
  }

  func error(_ text: String) throws -> DataError? {
    let path = folder.put(text)
    do throws(any Error) {
      _ = try table(path)
      return nil
    } catch { return error as? DataError }
  }

  @Test(
    "line ends, a byte order mark and blank lines at the end change nothing",
    arguments: [
      "a,b\n1,2\n3,4\n", "a,b\n1,2\n3,4", "a,b\r\n1,2\r\n3,4\r\n", "\u{feff}a,b\n1,2\n3,4\n",
      "a,b\n1,2\n3,4\n\n\n", "a,b\r\n1,2\r\n3,4\r\n\r\n\r\n", "a,b\r\n1,2\n3,4\r\n\n",
      "a, b\n1 , 2\n3,4",
      "\"a\",\"b\"\n\"1\",2\n3,\"4\"", "\u{feff}\"a\",b\r\n1,\"2\"\r\n\"3\",\"4\"\r\n",
      "a,b\n\"1\" ,2\n3,4",
    ])
  func dialects(text: String) throws {
    let table = try table(folder.put(text))
    #expect(table.header == ["a", "b"])
    #expect(table.cells == [["1", "2"], ["3", "4"]])
    #expect(table.lines == [2, 3])
  }

  @Test("quoted cells hold commas, line ends and quotes")
  func quoted() throws {
    let text =
      "name,note\n\"a,b\",\"say \"\"hi\"\"\"\n\"two\nlines\r\nmore\",\"\"\n5\" pipe,x\"y\"\n"
    let table = try table(folder.put(text))
    #expect(
      table.cells == [
        ["a,b", "say \"hi\""], ["two\nlines\r\nmore", ""], ["5\" pipe", "x\"y\""],
      ])
    #expect(table.lines == [2, 3, 6])
  }

  @Test("empty cells stay cells")
  func emptyCells() throws {
    #expect(
      try table(folder.put("a,b,c\n,,\n1,,\n,,3\n")).cells == [
        ["", "", ""], ["1", "", ""], ["", "", "3"],
      ])
  }

  @Test("names the line of a record with too many or too few cells")
  func ragged() throws {
    let file = folder("data.csv")
    #expect(try error("a,b\n1,2\n3\n") == .ragged(file: file, line: 3, found: 1, expected: 2))
    #expect(try error("a,b\n1,2,3\n") == .ragged(file: file, line: 2, found: 3, expected: 2))
    #expect(
      try error("a,b\n\"x\ny\",2\n3\n") == .ragged(file: file, line: 4, found: 1, expected: 2))
    #expect(try error("a,b\n1,2\n\n3,4\n") == .ragged(file: file, line: 3, found: 0, expected: 2))
    #expect(try error("a\n1\n\n3\n") == .ragged(file: file, line: 3, found: 0, expected: 1))
  }

  @Test("names what is wrong with a quote, with binary data and with names")
  func faults() throws {
    let file = folder("data.csv")
    #expect(try error("") == .empty(file: file))
    #expect(try error("\n\n") == .empty(file: file))
    #expect(try error("\u{feff}") == .empty(file: file))
    #expect(try error("a,b\n1,\"2\n3,4\n") == .unterminatedQuote(file: file, line: 2))
    #expect(try error("a,b\n1,\"2\"x\n") == .textAfterQuote(file: file, line: 2))
    #expect(try error("a,b\n1,\"2\" \"\"\n") == .textAfterQuote(file: file, line: 2))
    #expect(try error("a,b\n1,2\n\u{0},4\n") == .binary(file: file, line: 3))
    #expect(try error("a,b\n1,2\n\"\u{0}\",4\n") == .binary(file: file, line: 3))
    #expect(try error("a\u{0},b\n1,2\n") == .binary(file: file, line: 1))
    #expect(try error("a,b,a\n1,2,3\n") == .duplicateColumn(file: file, column: "a"))
    #expect(try error("a,,b\n1,2,3\n") == .badColumnName(file: file, column: 2))
    let long = String(repeating: "n", count: 4097)
    #expect(try error("a,\(long)\n") == .badColumnName(file: file, column: 2))
    let invalid = folder.put([0x61, 0x2C, 0xFF, 0x0A], in: "data.csv")
    #expect(throws: DataError.binary(file: file, line: 1)) { try table(invalid) }
  }

  @Test("refuses a header with too many columns")
  func tooManyColumns() throws {
    let names = (0...CSVReader.mostColumns).map { "c\($0)" }.joined(separator: ",")
    let error = try error(names)
    let limit = CSVReader.mostColumns
    #expect(
      error == .tooManyColumns(file: folder("data.csv"), found: limit + 1, limit: limit))
  }

  @Test("refuses a record beyond 16 MiB, with and without an end, and takes one of 16 MiB")
  func longRecord() throws {
    let limit = CSVReader.longestRecord
    let file = folder("data.csv")
    let full = [UInt8](repeating: 0x31, count: limit - 1)
    let path = folder.put(Array("a\n".utf8) + full + [0x0A], in: "data.csv")
    #expect(try table(path).cells[0][0].utf8.count == limit - 1)
    for end in [[0x31, 0x0A], [UInt8](repeating: 0x31, count: 1 << 20)] as [[UInt8]] {
      let path = folder.put(Array("a\n1\n".utf8) + full + end, in: "data.csv")
      #expect(throws: DataError.recordTooLong(file: file, line: 3, limit: limit)) {
        try table(path)
      }
    }
  }

  @Test("gives the same cells wherever the reads are cut", arguments: UInt64(1)...20)
  func cuts(seed: UInt64) throws {
    // Long cells put every kind of border on the edge of a chunk sooner or later.
    var source = RandomSource(seed: seed)
    let pieces = ["a", "", "\"", "\n", ",", "\r\n", " ", "long".padding(200), "\u{e9}"]
    var rows: [[String]] = []
    var text = "x,y,z\n"
    while text.utf8.count < 2 * ByteSource.chunkSize {
      let row = (0..<3).map { column in
        "\(rows.count)."
          + (0..<source.below(6)).map { _ in pieces[source.below(pieces.count)] }
          .joined() + (column == 2 ? "." : ".")
      }
      rows.append(row)
      text += row.map { "\"\($0.replacing("\"", with: "\"\""))\"" }.joined(separator: ",")
      text += ["\n", "\r\n"][source.below(2)]
    }
    #expect(try table(folder.put(text)).cells == rows)
  }

  @Test("never traps on random bytes", arguments: UInt64(1)...10)
  func fuzz(seed: UInt64) throws {
    var source = RandomSource(seed: seed)
    let alphabet = Array("1,\"\n\r a\u{0}\u{fe}".utf8)
    for _ in 0..<200 {
      let size = source.below(60)
      let bytes = (0..<size).map { _ in alphabet[source.below(alphabet.count)] }
      let path = folder.put(Array("a,b\n".utf8) + bytes, in: "data.csv")
      if let table = try? table(path) {
        #expect(table.cells.allSatisfy { $0.count == 2 })
      }
    }
  }
}

extension String {
  /// The text repeated up to a length.
  fileprivate func padding(_ count: Int) -> String {
    String(repeating: self, count: count / self.count)
  }
}
