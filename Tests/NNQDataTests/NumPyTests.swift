// SPDX-License-Identifier: Apache-2.0
import NNQFiles
import NNQTestSupport
import Testing

@testable import NNQData

@Suite struct NumPyTests {
  let folder = TemporaryFolder()

  /// A file with a header text as it stands.
  static func file(_ header: String, _ data: [UInt8], major: UInt8 = 1) -> [UInt8] {
    let count = header.utf8.count
    let size = (0..<(major == 1 ? 2 : 4)).map { UInt8(truncatingIfNeeded: count >> ($0 * 8)) }
    return [0x93, 0x4E, 0x55, 0x4D, 0x50, 0x59, major, 0] + size + Array(header.utf8) + data
  }

  static func header(_ descr: String, _ shape: String, fortran: String = "False") -> String {
    "{'descr': '\(descr)', 'fortran_order': \(fortran), 'shape': \(shape), }     \n"
  }

  func read(_ bytes: [UInt8]) throws -> NumPyArray {
    try NumPyArray(reading: folder.put(bytes, in: "a.npy"))
  }

  func fault(_ bytes: [UInt8]) throws -> NumPyFault? {
    do {
      _ = try read(bytes)
      return nil
    } catch DataError.numPy(folder("a.npy"), let fault) { return fault }
  }

  @Test("reads every type", arguments: [1, 2, 3] as [UInt8])
  func types(major: UInt8) throws {
    func elements(_ descr: String, _ data: [UInt8]) throws -> NumPyArray.Elements {
      try read(Self.file(Self.header(descr, "(1, 2)"), data, major: major)).elements
    }
    #expect(try elements("|i1", [1, 0xFE]) == .int8([1, -2]))
    #expect(try elements("|u1", [1, 0xFE]) == .uint8([1, 254]))
    #expect(try elements("<i2", [1, 2, 0xFF, 0xFF]) == .int16([513, -1]))
    #expect(try elements("<i4", [1, 2, 0, 0, 0, 0, 0, 0x80]) == .int32([513, .min]))
    let long: [UInt8] = [1, 0, 0, 0, 0, 0, 0, 0, 0xFE, 255, 255, 255, 255, 255, 255, 255]
    #expect(try elements("<i8", long) == .int64([1, -2]))
    #expect(
      try elements("<f4", [0, 0, 0xC0, 0x3F, 0, 0, 0x80, 0xFF]) == .float32([1.5, -.infinity]))
    let double: [UInt8] = [0, 0, 0, 0, 0, 0, 0xF8, 0x3F, 0, 0, 0, 0, 0, 0, 0, 0xC0]
    #expect(try elements("<f8", double) == .float64([1.5, -2]))
  }

  @Test("takes one and two dimensions, keys in any order and either quote")
  func headers() throws {
    let shuffled = "{\"shape\": (2,), 'fortran_order': True,\"descr\":'|i1'}\n"
    let column = try read(Self.file(shuffled, [1, 2]))
    #expect(column.shape == [2] && column.rows == 2 && column.columns == 1)
    let table = try read(Self.file(Self.header("|i1", "(2, 3)"), [1, 2, 3, 4, 5, 6]))
    #expect(table.rows == 2 && table.columns == 3)
    #expect(table.elements == .int8([1, 2, 3, 4, 5, 6]))
  }

  @Test("names what it does not take")
  func refused() throws {
    func fault(_ header: String, _ data: [UInt8] = [1, 2]) throws -> NumPyFault? {
      try self.fault(Self.file(header, data))
    }
    #expect(try fault(Self.header(">f4", "(2,)")) == .bigEndian(descr: ">f4"))
    #expect(try fault(Self.header("<f2", "(2,)")) == .unsupportedType(descr: "<f2"))
    #expect(try fault(Self.header("|O", "(2,)")) == .unsupportedType(descr: "|O"))
    #expect(try fault(Self.header("|i1", "(1, 2)", fortran: "True")) == .fortranOrder)
    #expect(try fault(Self.header("|i1", "()")) == .dimensions(found: 0))
    #expect(try fault(Self.header("|i1", "(1, 1, 2)")) == .dimensions(found: 3))
    #expect(try fault(Self.header("|i1", "(0, 2)")) == .shape(rows: 0, columns: 2))
    let huge = Int.max
    #expect(try fault(Self.header("|i1", "(\(huge), 2)")) == .shape(rows: huge, columns: 2))
    #expect(try fault(Self.header("<f8", "(\(huge),)")) == .shape(rows: huge, columns: 1))
    #expect(try fault(Self.header("|i1", "(\(huge),)")) == .truncated(found: 2, expected: huge))
    #expect(try fault(Self.header("|i1", "(3,)")) == .truncated(found: 2, expected: 3))
    #expect(try fault(Self.header("|i1", "(1,)")) == .trailing(expected: 1))
    #expect(
      try self.fault(Self.file("", [], major: 4)) == .unsupportedVersion(major: 4, minor: 0))
    #expect(try self.fault(Array("PK\u{3}\u{4}abcd".utf8)) == .notNumPy)
    let long = Self.file(String(repeating: " ", count: 70_000), [], major: 2)
    #expect(try self.fault(long) == .malformedHeader)
  }

  @Test(
    "refuses a header that is not exactly the dictionary",
    arguments: [
      "", "{}", "{", "{'descr': '|i1'}", "{'descr': '|i1', 'fortran_order': False, 'shape': (2)}",
      "{'descr': '|i1', 'fortran_order': False, 'shape': (2,), 'x': 1}",
      "{'descr': '|i1', 'descr': '|i1', 'fortran_order': False, 'shape': (2,)}",
      "{'descr': '|i1', 'fortran_order': 0, 'shape': (2,)}",
      "{'descr': '|i1', 'fortran_order': False, 'shape': (-2,)}",
      "{'descr': '|i1', 'fortran_order': False, 'shape': (99999999999999999999,)}",
      "{'descr': '|i1', 'fortran_order': False, 'shape': (2,)} x",
      "{'descr': '|i1' 'fortran_order': False, 'shape': (2,)}",
      "{'descr': '|i1, 'fortran_order': False, 'shape': (2,)}",
      "{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (2,)}",
      "{'descr': '|i1', 'fortran_order': False, 'shape': (2,,)}",
      "{'descr': '|i1', 'fortran_order': False, 'shape': (,)}",
    ])
  func malformed(header: String) throws {
    #expect(try fault(Self.file(header, [1, 2])) == .malformedHeader)
  }

  @Test("refuses a file cut at every length and never traps on a changed byte")
  func damaged() throws {
    let whole = NumPyWriter.bytes([1.5, -2, 3, 4] as [Float], columns: 2)
    for length in whole.indices {
      #expect(throws: DataError.self) { try read(Array(whole.prefix(length))) }
    }
    for index in whole.indices where index < 80 {
      for byte in [0, 0x20, 0x27, 0x28, 0x39, 0xFF] as [UInt8] {
        var bytes = whole
        bytes[index] = byte
        _ = try? read(bytes)
      }
    }
  }

  @Test("reads what it writes, with an aligned head")
  func roundTrip() throws {
    let int8: [Int8] = [-128, -1, 0, 1, 127, 5]
    let int16: [Int16] = [-32768, -1, 0, 1, 32767, 5]
    let float: [Float] = [0, -0.5, .pi, .infinity, .leastNonzeroMagnitude, 3]
    #expect(try read(NumPyWriter.bytes(int8, columns: 3)).elements == .int8(int8))
    #expect(try read(NumPyWriter.bytes(int16, columns: 2)).elements == .int16(int16))
    let array = try read(NumPyWriter.bytes(float, columns: 6))
    #expect(array.elements == .float32(float))
    #expect(array.shape == [1, 6])
    for rows in [0, 1, 99, 100_000, Int.max] {
      let head = NumPyWriter.header(.float32, rows: rows, columns: 10)
      #expect(head.count.isMultiple(of: 64) && head.last == 0x0A)
    }
  }

  @Test("writes the bytes that NumPy writes")
  func golden() {
    // numpy.save of numpy.array([[1, -2]], dtype=numpy.int8), NumPy 2.4.6.
    let text = "{'descr': '|i1', 'fortran_order': False, 'shape': (1, 2), }"
    let padding = String(repeating: " ", count: 117 - text.utf8.count)
    let bytes = [0x93] + Array("NUMPY".utf8) + [1, 0, 118, 0] + Array("\(text)\(padding)\n".utf8)
    #expect(NumPyWriter.bytes([1, -2] as [Int8], columns: 2) == bytes + [1, 0xFE])
  }

  @Test("an array becomes a table in the model's order")
  func dataset() throws {
    let bytes = NumPyWriter.bytes([1, 2, .nan, 4] as [Float], columns: 2)
    let path = folder.put(bytes, in: "a.npy")
    let data = try Dataset(
      reading: path, columns: .model(features: ["a", "b"], targets: ["label"]))
    #expect(data.featureNames == ["a", "b"])
    #expect(data.rows == 2 && data.targets.isEmpty)
    #expect(data.readings[0] == 1 && data.readings[2].isNaN)
    #expect(data.sourceSHA256 == SHA256.hex(bytes))
    let packed = try folder.put(Zstd.compress(bytes), in: "b.npy.zst")
    #expect(
      try Dataset(reading: packed, columns: .model(features: ["a", "b"])).sourceSHA256
        == data.sourceSHA256)
    let anomaly = try Dataset(reading: path, columns: .training(requiresTarget: false))
    #expect(anomaly.featureNames == ["x0", "x1"])
  }

  @Test("a single dimension is one row of a model's features, or a column of one feature")
  func oneDimension() throws {
    let bytes = Self.file(Self.header("|u1", "(3,)"), [1, 2, 3])
    let path = folder.put(bytes, in: "a.npy")
    let row = try Dataset(reading: path, columns: .model(features: ["a", "b", "c"]))
    #expect(row.rows == 1 && row.readings == [1, 2, 3])
    let column = try Dataset(reading: path, columns: .model(features: ["a"]))
    #expect(column.rows == 3 && column.readings == [1, 2, 3])
    #expect(throws: DataError.numPy(file: path, .columns(found: 1, expected: 2))) {
      try Dataset(reading: path, columns: .model(features: ["a", "b"]))
    }
  }

  @Test("an infinite element and a wanted target are errors that name the place")
  func datasetFaults() throws {
    let path = folder.put(
      NumPyWriter.bytes([1, 2, 3, -.infinity] as [Float], columns: 2), in: "a.npy")
    let place = CellPlace(file: path, line: 2, column: "b")
    #expect(throws: DataError.infinite(place, text: "-inf")) {
      try Dataset(reading: path, columns: .model(features: ["a", "b"]))
    }
    #expect(throws: DataError.noTargetColumn(file: path)) {
      try Dataset(reading: path, columns: .training())
    }
    #expect(throws: DataError.missingColumn(file: path, column: "y")) {
      try Dataset(
        reading: path,
        columns: .model(features: ["a", "b"], targets: ["y"], requiresTargets: true))
    }
  }
}
