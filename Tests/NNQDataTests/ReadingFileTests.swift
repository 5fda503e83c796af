// SPDX-License-Identifier: Apache-2.0
import NNQData
import NNQTestSupport
import Testing

@Suite struct ReadingFileTests {
  let folder = TemporaryFolder()
  /// Memory for 100 rows of two readings, or for 10,000 whose readings are in a file.
  static let limit = MemoryLimit(
    bytes: 100_000, bytesPerReading: 450, bytesPerRow: 100, fixedBytes: 0, bytesPerFiledRow: 10)

  static func text(rows: Int) -> String {
    "a,b,label\n" + (0..<rows).map { "\($0),\($0 % 7 == 3 ? "" : "\(-$0).5"),\($0 % 3)\n" }.joined()
  }

  @Test("a table beyond the memory is the same table with its readings in a file")
  func same() throws {
    let path = folder.put(Self.text(rows: 10_000))
    let held = try Dataset(reading: path, columns: .training())
    let filed = try Dataset(reading: path, columns: .training(), limit: Self.limit)
    #expect(held.file == nil && filed.readings.isEmpty)
    let file = try #require(filed.file)
    #expect(file.rows == 10_000 && file.columns == 2)
    #expect(filed.targets == held.targets && filed.sourceSHA256 == held.sourceSHA256)
    for column in 0..<2 {
      #expect(filed.column(column).map(\.bitPattern) == held.column(column).map(\.bitPattern))
    }
    for row in [9_999, 0, 3, 4_000] {
      #expect(filed.row(row).map(\.bitPattern) == held.row(row).map(\.bitPattern))
    }
    let probabilities = [0, 0.25, 1]
    #expect(
      try filed.quantiles(at: probabilities)
        == held.quantiles(at: probabilities))
    let chosen = try file.selecting([5, 9_998, 5])
    #expect(chosen.rows == 3 && chosen.row(1) == [9_998, -9_998.5])
    #expect(file.failure == nil && chosen.failure == nil)
  }

  @Test("no more rows go to a file than memory has room for beside it")
  func tooMany() throws {
    #expect(Self.limit.rows(features: 2) == 100 && Self.limit.mostRows(features: 2) == 10_000)
    #expect(
      try Dataset(
        reading: folder.put(Self.text(rows: 100)), columns: .training(), limit: Self.limit
      ).file == nil)
    let path = folder.put(Self.text(rows: 10_001))
    #expect(
      throws: DataError.tooManyRows(file: path, found: 10_001, features: 2, limit: Self.limit)
    ) {
      try Dataset(reading: path, columns: .training(), limit: Self.limit)
    }
    // Categories are put among the numbers in memory.
    #expect(throws: DataError.self) {
      try Dataset(
        reading: folder.put(Self.text(rows: 200)), columns: .training(categorical: ["a"]),
        limit: Self.limit)
    }
  }

  @Test("a second target takes memory of its own")
  func targets() throws {
    let text = "a,target,target2\n" + (0..<6000).map { "1,2,\($0)\n" }.joined()
    #expect(throws: DataError.self) {
      try Dataset(reading: folder.put(text), columns: .training(), limit: Self.limit)
    }
    let fewer = "a,target,target2\n" + (0..<4000).map { "1,2,\($0)\n" }.joined()
    let data = try Dataset(reading: folder.put(fewer), columns: .training(), limit: Self.limit)
    #expect(data.file != nil)
  }

  @Test("the shape of a NumPy array is held against the limit before its elements are read")
  func numPy() throws {
    let path = folder.put(NumPyArray.header(of: "<f8", rows: 61, columns: 4), in: "x.npy")
    let limit = MemoryLimit(bytes: 6000, bytesPerReading: 9, bytesPerRow: 20, fixedBytes: 0)
    var stricter = limit
    stricter.bytesPerReading = 20
    #expect(
      throws: DataError.tooManyRows(file: path, found: 61, features: 4, limit: stricter)
    ) {
      try Dataset(reading: path, columns: .training(requiresTarget: false), limit: limit)
    }
  }
}

extension NumPyArray {
  /// The first bytes of a file without its elements.
  fileprivate static func header(of type: String, rows: Int, columns: Int) -> [UInt8] {
    let text = "{'descr': '\(type)', 'fortran_order': False, 'shape': (\(rows), \(columns)), }\n"
    return magic + [1, 0, UInt8(text.utf8.count), 0] + Array(text.utf8)
  }
}
