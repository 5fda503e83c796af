// SPDX-License-Identifier: Apache-2.0
import NNQData
import NNQFiles
import Testing

@Suite struct SharedDataTests {
  /// The data sets beside the package.
  static let folder: String = {
    let steps = #filePath.split(separator: "/").dropLast(4)
    return "/\(steps.joined(separator: "/"))/shared/data"
  }()
  static let isPresent = (try? readFile("\(folder)/REFERENCE.md")) != nil

  static func path(_ set: String, _ part: String) -> String {
    let plain = "\(folder)/\(set)/\(part).csv"
    return (try? readFile(plain, limit: 1)) != nil ? plain : "\(plain).zst"
  }

  @Test(
    "finds the columns of the real data sets, and of their test rows by name",
    .enabled(if: isPresent, "../shared is absent"),
    arguments: [
      ("occupancy", 5, 1), ("ozone8h", 72, 1), ("ujiindoorloc", 520, 3), ("wall_robot", 24, 1),
      ("ccpp", 4, 1), ("cmapss_fd001", 59, 1), ("shuttle_ad", 9, 1), ("hydraulic", 1020, 5),
    ])
  func sets(name: String, features: Int, targets: Int) throws {
    var train = try RowReader(Self.path(name, "train"), columns: .training())
    #expect(train.columns.features.count == features)
    #expect(train.columns.targets.count == targets)
    let names = train.columns.targets.map { train.header[$0] }
    var test = try RowReader(
      Self.path(name, "test"),
      columns: .model(
        features: train.columns.featureNames, targets: names, requiresTargets: true))
    var readings: [Float] = []
    // The first rows are enough: a debug build reads the larger sets for a minute.
    let rows = try train.read(into: &readings, limit: 20) + test.read(into: &readings, limit: 20)
    #expect(rows > 2)
    #expect(readings.count == rows * features)
  }

  @Test(
    "reads missing readings as the file has them", .enabled(if: isPresent, "../shared is absent"))
  func missing() throws {
    let path = "\(Self.folder)/ozone8h/test_missing.csv"
    let data = try Dataset(reading: path, columns: .training())
    let text = String(decoding: try readFile(path), as: UTF8.self)
    let empty = text.split(whereSeparator: \.isNewline).dropFirst().map { row in
      row.split(separator: ",", omittingEmptySubsequences: false).count { $0.isEmpty }
    }
    #expect(data.readings.count { $0.isNaN } == empty.reduce(0, +))
  }

  @Test(
    "every reading equals the standard library's reading of its cell",
    .enabled(if: isPresent, "../shared is absent"))
  func oracle() throws {
    let path = Self.path("occupancy", "train")
    let data = try Dataset(reading: path, columns: .training())
    let text = String(decoding: try readFile(path), as: UTF8.self)
    let rows = text.split(whereSeparator: \.isNewline).dropFirst()
    let expected = rows.flatMap { row in
      row.split(separator: ",").dropLast().map { Float(Double($0) ?? .nan) }
    }
    #expect(data.readings == expected)
    #expect(data.sourceSHA256 == SHA256.hex(Array(text.utf8)))
  }
}
