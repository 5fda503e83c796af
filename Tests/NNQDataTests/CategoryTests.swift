// SPDX-License-Identifier: Apache-2.0
import NNQData
import NNQTestSupport
import Testing

@Suite struct CategoryTests {
  let folder = TemporaryFolder()

  private static let features = [
    "a", "fuel==x", "fuel=diesel", "fuel=gas, liquid", "b", "site=7", "site=12",
  ]
  private static let text = """
    a,fuel,b,site,target
    1,diesel,2,12,5
    3,"gas, liquid",4,7.0,6
    5, =x ,6,+12,7

    """
  private static let rows: [Float] =
    [1, 0, 1, 0, 2, 0, 1] + [3, 0, 0, 1, 4, 1, 0] + [5, 1, 0, 0, 6, 0, 1]

  @Test("columns of text, and those that are named, become a feature a value in their place")
  func training() throws {
    let path = folder.put(Self.text)
    let data = try Dataset(reading: path, columns: .training(categorical: ["site"]))
    #expect(data.featureNames == Self.features)
    #expect(data.readings == Self.rows)
    #expect(data.targets.map(\.values) == [[5, 6, 7]])
    #expect(
      data.categories == [
        .init(name: "fuel", values: ["=x", "diesel", "gas, liquid"], features: 1..<4),
        .init(name: "site", values: ["7", "12"], features: 5..<7),
      ])
  }

  @Test("a model's features are found in the columns of text again, in any order")
  func model() throws {
    let path = folder.put(Self.text)
    let data = try Dataset(reading: path, columns: .model(features: Self.features))
    #expect(data.readings == Self.rows)
    #expect(data.featureNames == Self.features)
    let turned = Array(Self.features.reversed())
    let other = try Dataset(reading: path, columns: .model(features: turned))
    #expect(Array(other.readings[..<7]) == Self.rows[..<7].reversed())
  }

  @Test("a table that has the features of 0 and 1 as columns is taken as it is")
  func encoded() throws {
    let path = folder.put("fuel=gas,fuel=oil\n0,1\n0.5,0\n")
    let data = try Dataset(reading: path, columns: .model(features: ["fuel=oil", "fuel=gas"]))
    #expect(data.readings == [1, 0, 0, 0.5])
  }

  @Test("a feature whose column is a feature itself is missing where it is no column")
  func ownFeature() throws {
    let path = folder.put("temp\n20\n")
    #expect(throws: DataError.missingColumn(file: path, column: "temp=20")) {
      try Dataset(reading: path, columns: .model(features: ["temp", "temp=20"]))
    }
  }

  @Test("numbers padded with zeros, and those too long for a binary64, are texts of their own")
  func padded() throws {
    let text = "site,target\n01,1\n1,2\n1.0,3\n12345678901234567890,4\n12345678901234567891,5\n"
    let path = folder.put(text)
    let data = try Dataset(reading: path, columns: .training(categorical: ["site"]))
    #expect(
      data.featureNames == [
        "site=1", "site=01", "site=12345678901234567890", "site=12345678901234567891",
      ])
    #expect(Array(data.readings[..<12]) == [0, 1, 0, 0] + [1, 0, 0, 0] + [1, 0, 0, 0])
    let again = try Dataset(reading: path, columns: .model(features: data.featureNames))
    #expect(again.readings == data.readings)
  }

  @Test("whatever the cells are, a table is read with its own features as it was for training")
  func roundTrip() throws {
    var random = RandomSource(seed: 5)
    let pieces = ["a", "=", "7", "07", "1e3", "\"\"", ",", " ", "é", ".5", "-", "\n", "x"]
    for _ in 0..<50 {
      let words = (0..<12).map { _ in
        "\"t" + (0..<random.below(5)).map { _ in pieces[random.below(pieces.count)] }.joined()
          + "\""
      }
      let numbers = ["1", "1.0", "+1", "0.50", ".5", "1e2", "100", "007", "7"]
      let lines = (0..<40).map { row in
        "\(words[random.below(12)]),\(numbers[random.below(9)]),\(row)\n"
      }
      let path = folder.put("c,d,target\n" + lines.joined())
      let data = try Dataset(reading: path, columns: .training(categorical: ["d"]))
      let again = try Dataset(reading: path, columns: .model(features: data.featureNames))
      #expect(again.readings == data.readings)
      for category in data.categories {
        let width = data.featureNames.count
        for row in 0..<data.rows {
          #expect(category.features.map { data.readings[row * width + $0] }.reduce(0, +) == 1)
        }
      }
    }
  }

  @Test("what is no category is an error with its place")
  func faults() throws {
    func fails(_ text: String, _ columns: ColumnSelection, _ error: (String) -> DataError) throws {
      let path = folder.put(text)
      #expect(throws: error(path)) { try Dataset(reading: path, columns: columns) }
    }
    let model = ColumnSelection.model(features: ["fuel=gas", "fuel=oil", "n=1"])
    try fails("fuel,n\ngas,1\ncoal,1\n", model) {
      .unknownCategory(
        CellPlace(file: $0, line: 3, column: "fuel"), text: "coal", known: ["gas", "oil"])
    }
    try fails("fuel,n\ngas,2\n", model) {
      .unknownCategory(CellPlace(file: $0, line: 2, column: "n"), text: "2", known: ["1"])
    }
    try fails("fuel,n\n,1\n", model) {
      .missingCell(CellPlace(file: $0, line: 2, column: "fuel"))
    }
    try fails("fuel,target\ngas,1\n,2\n", .training()) {
      .missingCell(CellPlace(file: $0, line: 3, column: "fuel"))
    }
    try fails("fuel,target\ngas,1\n7,2\n", .training()) {
      .numberAmongText(CellPlace(file: $0, line: 3, column: "fuel"), text: "7")
    }
    try fails("n,target\n7,1\nbad,2\n", .training()) {
      .notANumber(CellPlace(file: $0, line: 3, column: "n"), text: "bad")
    }
    try fails("a=b,target\nx,1\n", .training()) { .badCategoryColumn(file: $0, column: "a=b") }
    try fails("a,target\nx,1\n", .training(categorical: ["target"])) {
      .notAFeature(file: $0, column: "target")
    }
    try fails("a,target\nx,1\n", .training(categorical: ["b"])) {
      .missingColumn(file: $0, column: "b")
    }
    let many = (0...64).map { "v\($0),1\n" }.joined()
    try fails("a,target\n\(many)", .training()) {
      .tooManyCategories(CellPlace(file: $0, line: 66, column: "a"), limit: 64)
    }
    try fails("a,target\n\(String(repeating: "v", count: 257)),1\n", .training()) {
      .longCategory(CellPlace(file: $0, line: 2, column: "a"), limit: 256)
    }
    let most = (0..<64).map { "v\($0),1\n" }.joined()
    let data = try Dataset(reading: folder.put("a,target\n\(most)"), columns: .training())
    #expect(data.featureNames.count == 64)
  }

  @Test("counts of a device have the features of categories as 0 and 1")
  func counts() throws {
    let path = folder.put("level,site\n17,b\n-3,a\n")
    var reader = try RowReader(
      path, columns: .model(features: ["site=a", "level", "site=b"]))
    var counts: [Int32] = []
    #expect(try reader.readCounts(into: &counts) == 2)
    #expect(counts == [0, 17, 1, 1, -3, 0])
  }

  @Test("rows beyond the memory that is allowed are counted and not kept")
  func memory() throws {
    let limit = MemoryLimit(bytes: 10_000, bytesPerReading: 8, bytesPerRow: 84, fixedBytes: 0)
    func table(_ rows: Int) -> String {
      folder.put("a,b,target\n" + (0..<rows).map { "\($0),1,2\n" }.joined())
    }
    #expect(limit.rows(features: 2) == 100)
    let fitting = try Dataset(reading: table(100), columns: .training(), limit: limit)
    #expect(fitting.rows == 100)
    for rows in [101, 5000] {
      let path = table(rows)
      #expect(
        throws: DataError.tooManyRows(file: path, found: rows, features: 2, limit: limit)
      ) {
        try Dataset(reading: path, columns: .training(), limit: limit)
      }
    }
    // A faulty row is an error behind the limit too.
    let path = folder.put("a,target\n" + String(repeating: "1,2\n", count: 4000) + "x,2\n")
    #expect(throws: DataError.self) {
      try Dataset(reading: path, columns: .training(), limit: limit)
    }
  }
}
