// SPDX-License-Identifier: Apache-2.0
import NNQData
import NNQFiles
import NNQTestSupport
import Testing

@Suite struct DatasetReadingTests {
  let folder = TemporaryFolder()

  @Test("reads features, targets and groups")
  func table() throws {
    let text = "unit,a,label,target,b\nm2,1,1.0,0.5,2\nm1,3,bad,.50,4\nm2,5,1,7,\n"
    let path = folder.put(text)
    let data = try Dataset(reading: path, columns: .training(group: "unit"))
    #expect(data.featureNames == ["a", "b"])
    #expect(data.rows == 3)
    #expect(data.readings[..<5] == [1, 2, 3, 4, 5])
    #expect(data.readings[5].isNaN)
    #expect(data.targets.map(\.name) == ["label", "target"])
    #expect(data.targets[0].labels == [0, 1, 0])
    #expect(data.targets[0].vocabulary == ["1", "bad"])
    #expect(!data.targets[0].isNumeric)
    #expect(data.targets[0].values[1].isNaN)
    #expect(data.targets[0].values[2] == 1)
    #expect(data.targets[1].values == [0.5, 0.5, 7])
    #expect(data.targets[1].labels == [0, 0, 1])
    #expect(data.targets[1].vocabulary == ["0.5", "7"])
    #expect(data.targets[1].isNumeric)
    #expect(data.group == .init(name: "unit", labels: [0, 1, 0], vocabulary: ["m2", "m1"]))
    #expect(data.sourceSHA256 == SHA256.hex(Array(text.utf8)))
  }

  @Test("a packed file gives the same table and the same hash")
  func packed() throws {
    let text = "\u{feff}a,label\n" + (0..<50_000).map { "\($0).5,\($0 % 3)\n" }.joined()
    let plain = try Dataset(reading: folder.put(text), columns: .training())
    let frame = try Zstd.compress(Array(text.utf8))
    let packed = try Dataset(reading: folder.put(frame, in: "data.bin"), columns: .training())
    #expect(plain == packed)
    #expect(plain.rows == 50_000)
    #expect(plain.sourceSHA256 == SHA256.hex(Array(text.utf8)))
  }

  @Test("a truncated zstd file is an error that names it")
  func truncated() throws {
    let text = "a,label\n" + (0..<50_000).map { "\($0 &* 7919 % 1000).5,\($0 % 3)\n" }.joined()
    let frame = try Zstd.compress(Array(text.utf8))
    let path = folder.put(Array(frame.dropLast(9)), in: "data.csv.zst")
    #expect(throws: DataError.zstd(file: path, .truncated)) {
      try Dataset(reading: path, columns: .training())
    }
  }

  @Test("whole numbers are one label however they are written")
  func wholeLabels() throws {
    let path = folder.put("a,label\n1,1\n1,1.0\n1,+1\n1,1e0\n1,-0\n1,0\n1,-2.00\n")
    let target = try Dataset(reading: path, columns: .training()).targets[0]
    #expect(target.labels == [0, 0, 0, 0, 1, 1, 2])
    #expect(target.vocabulary == ["1", "0", "-2"])
    #expect(target.isNumeric)
  }

  @Test("numbers that zeros pad are labels by their text")
  func paddedLabels() throws {
    let path = folder.put("a,label\n1,01\n1,1\n1,\"007\"\n1, 01\n1,0.5\n1,7\n1,0\n")
    let target = try Dataset(reading: path, columns: .training()).targets[0]
    #expect(target.vocabulary == ["01", "1", "007", "0.5", "7", "0"])
    #expect(target.labels == [0, 1, 2, 0, 3, 4, 5])
    #expect(target.values == [1, 1, 7, 1, 0.5, 7, 0] && target.isNumeric)
  }

  @Test("whole numbers that binary64 cannot tell apart are labels of their own")
  func longNumbers() throws {
    let path = folder.put("a,label\n1,9007199254740993\n1,9007199254740992\n1,3\n1,3.0\n")
    let target = try Dataset(reading: path, columns: .training()).targets[0]
    #expect(target.labels == [0, 1, 2, 2])
    #expect(target.vocabulary == ["9007199254740993", "9007199254740992", "3"])
    #expect(target.isNumeric)
  }

  @Test("a target with more distinct cells than the limit has no labels")
  func manyLabels() throws {
    for count in [Dataset.Target.vocabularyLimit, Dataset.Target.vocabularyLimit + 1] {
      let path = folder.put("a,target\n" + (0..<count).map { "1,\($0)\n1,\($0)\n" }.joined())
      let target = try Dataset(reading: path, columns: .training()).targets[0]
      let hasLabels = count == Dataset.Target.vocabularyLimit
      #expect((target.labels != nil) == hasLabels)
      #expect(target.vocabulary.count == (hasLabels ? count : 0))
      #expect(target.values.count == 2 * count)
      #expect(target.isNumeric)
    }
  }

  @Test("groups have no limit")
  func manyGroups() throws {
    let path = folder.put("g,a,label\n" + (0..<5000).map { "\($0),1,0\n" }.joined())
    let group = try Dataset(reading: path, columns: .training(group: "g")).group
    #expect(group?.labels == (0..<5000).map(Int32.init))
  }

  @Test("an infinite target is text, a missing one an error that names its place")
  func targets() throws {
    let infinite = folder.put("a,label\n1,inf\n1,1e39\n", in: "a.csv")
    let target = try Dataset(reading: infinite, columns: .training()).targets[0]
    #expect(target.vocabulary == ["inf", "1e39"])
    #expect(target.values.allSatisfy { $0.isNaN })
    let missing = folder.put("a,label\n1,0\n1,\n", in: "b.csv")
    let place = CellPlace(file: missing, line: 3, column: "label")
    #expect(throws: DataError.missingCell(place)) {
      try Dataset(reading: missing, columns: .training())
    }
    #expect(
      try Dataset(reading: missing, columns: .model(features: ["a"], ignored: ["label"])).rows == 2)
    let invalid = folder.put(Array("a,label\n1,".utf8) + [0xC0, 0x0A], in: "c.csv")
    #expect(throws: DataError.binary(file: invalid, line: 2)) {
      try Dataset(reading: invalid, columns: .training())
    }
  }

  @Test("a header without rows and a missing file are errors")
  func faults() throws {
    let path = folder.put("a,label\n\n")
    #expect(throws: DataError.noRows(file: path)) {
      try Dataset(reading: path, columns: .training())
    }
    let missing = folder("missing")
    #expect(throws: DataError.file(FileError(path: missing, operation: .open, code: 2))) {
      try Dataset(reading: missing, columns: .training())
    }
  }
}
