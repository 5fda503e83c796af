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
    "reads the real data sets, and their test rows by the names of the training rows",
    .enabled(if: isPresent, "../shared is absent"),
    arguments: [
      ("occupancy", 5, 1), ("ozone8h", 72, 1), ("ujiindoorloc", 520, 3), ("wall_robot", 24, 1),
      ("ccpp", 4, 1), ("cmapss_fd001", 59, 1), ("shuttle_ad", 9, 1), ("hydraulic", 1020, 5),
    ])
  func sets(name: String, features: Int, targets: Int) throws {
    let train = try Dataset(reading: Self.path(name, "train"), columns: .training())
    #expect(train.featureNames.count == features)
    #expect(train.targets.count == targets)
    #expect(train.targets.allSatisfy { $0.isNumeric && $0.values.count == train.rows })
    let test = try Dataset(
      reading: Self.path(name, "test"),
      columns: .model(
        features: train.featureNames, targets: train.targets.map(\.name), requiresTargets: true))
    #expect(test.rows > 100)
    #expect(try train.scaling(over: 0..<train.rows).allSatisfy { $0.scale > 0 })
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
