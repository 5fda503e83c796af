// SPDX-License-Identifier: Apache-2.0
import NNQFiles
import NNQTestSupport
import Testing

@testable import NNQData

@Suite struct RowReaderTests {
  let folder = TemporaryFolder()

  @Test("hands over columns by name in the model's order")
  func order() throws {
    let path = folder.put("b,label,a\n1,x,2\n3,y,4\n")
    var reader = try RowReader(path, columns: .model(features: ["a", "b"], targets: ["label"]))
    var readings: [Float] = []
    #expect(try reader.read(into: &readings) == 2)
    #expect(readings == [2, 1, 4, 3])
    #expect(try reader.read(into: &readings) == 0)
    #expect(try reader.read(into: &readings) == 0)
  }

  @Test("delivers the rows that a pipe holds while it stays open")
  func pipe() throws {
    let pipe = Pipe(folder("pipe"))
    pipe.send("a,b\n1,2\n3,4\n5,")
    var reader = try RowReader(pipe.path, columns: .model(features: ["a", "b"]))
    var readings: [Float] = []
    #expect(try reader.read(into: &readings) == 2)
    pipe.send("6\n")
    #expect(try reader.read(into: &readings) == 1)
    // A blank line may be the first of those at the end: the row before it does not wait for more.
    pipe.send("7,8\n\n")
    #expect(try reader.read(into: &readings) == 1)
    #expect(readings == [1, 2, 3, 4, 5, 6, 7, 8])
  }

  @Test("hands over no more rows than asked for")
  func limit() throws {
    let path = folder.put("a\n" + (0..<10).map { "\($0)\n" }.joined())
    var reader = try RowReader(path, columns: .model(features: ["a"]))
    var readings: [Float] = []
    #expect(try reader.read(into: &readings, limit: 4) == 4)
    #expect(try reader.read(into: &readings, limit: 4) == 4)
    #expect(try reader.read(into: &readings, limit: 4) == 2)
    #expect(readings == (0..<10).map(Float.init))
  }

  @Test("hands over the rows before a faulty one, then says what is wrong, for good")
  func faultAfterRows() throws {
    let path = folder.put("a,rms_x\n1,2\n3,4\n5,n/a\n7,8\n")
    var reader = try RowReader(path, columns: .model(features: ["a", "rms_x"]))
    var readings: [Float] = []
    #expect(try reader.read(into: &readings) == 2)
    #expect(readings == [1, 2, 3, 4])
    let place = CellPlace(file: path, line: 4, column: "rms_x")
    for _ in 0..<2 {
      #expect(throws: DataError.notANumber(place, text: "n/a")) {
        try reader.read(into: &readings)
      }
    }
    #expect(readings.count == 4)
  }

  @Test(
    "names the place and the text of a cell that is no finite binary32",
    arguments: [
      ("x", false), ("0x10", false), ("\"1,5\"", false), ("inf", true), ("1e39", true),
      ("-1e400", true), ("\"bad \"\"x\"\"\"", false),
    ])
  func cells(cell: String, isInfinite: Bool) throws {
    let path = folder.put("a,b\n1,\(cell)\n")
    var reader = try RowReader(path, columns: .model(features: ["a", "b"]))
    var readings: [Float] = []
    let place = CellPlace(file: path, line: 2, column: "b")
    let text = cell.replacing("\"\"", with: "'").replacing("\"", with: "").replacing(
      "'", with: "\"")
    let error = isInfinite ? DataError.infinite(place, text: text) : .notANumber(place, text: text)
    #expect(throws: error) { try reader.read(into: &readings) }
  }

  @Test("a missing reading is NaN, quoted numbers are numbers")
  func missing() throws {
    let path = folder.put("a,b,c,d,e\n,NA,nan,null,\"NaN\"\n\" 1\",\"\",\"2e1\",3,-.5\n")
    var reader = try RowReader(path, columns: .model(features: ["a", "b", "c", "d", "e"]))
    var readings: [Float] = []
    #expect(try reader.read(into: &readings) == 2)
    #expect(readings[..<5].allSatisfy { $0.isNaN })
    #expect(readings[6].isNaN)
    #expect([readings[5], readings[7], readings[8], readings[9]] == [1, 20, 3, -0.5])
  }

  @Test("rounds text to binary64 and from there to binary32")
  func doubleRounding() throws {
    // Just above the middle of two binary32 numbers, but the middle itself as a binary64.
    let text = "1.00000005960464477540"
    let path = folder.put("a\n\(text)\n")
    var reader = try RowReader(path, columns: .model(features: ["a"]))
    var readings: [Float] = []
    _ = try reader.read(into: &readings)
    #expect(readings == [Float(Double(text) ?? 0)])
    #expect(readings == [1])
    #expect(Float(text) != 1)
  }

  @Test("reads counts exactly over the whole range of an Int32")
  func counts() throws {
    let path = folder.put("a,b\n-2147483648,2147483647\n\"16777217\", +5\n")
    var reader = try RowReader(path, columns: .model(features: ["b", "a"]))
    var counts: [Int32] = []
    #expect(try reader.readCounts(into: &counts) == 2)
    #expect(counts == [.max, .min, 5, 16_777_217])
  }

  @Test(
    "refuses a count that is not whole",
    arguments: ["1.0", "1e3", "", "NA", "2147483648", "0x1", "1 2", "-"])
  func noCount(cell: String) throws {
    let path = folder.put("a,b\n1,2\n3,\(cell)\n")
    var reader = try RowReader(path, columns: .model(features: ["a", "b"]))
    var counts: [Int32] = []
    #expect(try reader.readCounts(into: &counts) == 1)
    let place = CellPlace(file: path, line: 3, column: "b")
    #expect(throws: DataError.notACount(place, text: cell)) {
      try reader.readCounts(into: &counts)
    }
    #expect(counts == [1, 2])
  }

  @Test("a table of no rows has none")
  func headerOnly() throws {
    var reader = try RowReader(folder.put("a\n"), columns: .model(features: ["a"]))
    var readings: [Float] = []
    #expect(try reader.read(into: &readings) == 0)
  }
}
