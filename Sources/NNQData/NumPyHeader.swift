// SPDX-License-Identifier: Apache-2.0
import NNQFiles

/// The head of a NumPy file: which elements follow and how many.
struct NumPyHeader {
  enum ElementType: String, CaseIterable {
    case float32 = "<f4"
    case float64 = "<f8"
    case int8 = "|i1"
    case int16 = "<i2"
    case int32 = "<i4"
    case int64 = "<i8"
    case uint8 = "|u1"

    var size: Int {
      switch self {
      case .int8, .uint8: 1
      case .int16: 2
      case .float32, .int32: 4
      case .float64, .int64: 8
      }
    }
  }

  let type: ElementType
  /// One or two dimensions, none of them 0.
  let shape: [Int]
  /// The size of all elements, which fits into an Int.
  let byteCount: Int

  /// The longest header text that is read: NumPy itself stays far below.
  private static let longest = 1 << 16

  init(reading input: inout NumPyInput) throws(DataError) {
    let file = input.path
    let head = try input.take(8)
    guard head.starts(with: NumPyArray.magic) else { throw .numPy(file: file, .notNumPy) }
    guard (1...3).contains(head[6]), head[7] == 0 else {
      throw .numPy(file: file, .unsupportedVersion(major: head[6], minor: head[7]))
    }
    let size = try input.take(head[6] == 1 ? 2 : 4)
    let length = size.reversed().reduce(0) { $0 << 8 | Int($1) }
    guard length <= Self.longest else { throw .numPy(file: file, .malformedHeader) }
    let text = try input.take(length)
    do { try self.init(parsing: text) } catch { throw .numPy(file: file, error) }
  }

  /// Holds the rows against a limit.
  ///
  /// - Throws: ``DataError/tooManyRows(file:found:features:limit:)``.
  func check(_ limit: MemoryLimit, file: String) throws(DataError) {
    var limit = limit
    // While a file is read its bytes, which grew to their place, stand beside the elements.
    limit.bytesPerReading = max(limit.bytesPerReading, (5 * type.size + 1) / 2)
    limit.bytesPerFiledRow = nil
    let (rows, columns) = (shape[0], shape.count == 1 ? 1 : shape[1])
    guard rows <= limit.mostRows(features: columns) else {
      throw .tooManyRows(file: file, found: rows, features: columns, limit: limit)
    }
  }

  /// Reads a Python dictionary with exactly the three keys, in any order.
  init(parsing text: [UInt8]) throws(NumPyFault) {
    var parser = Parser(rest: text[...])
    var descr: String?
    var isFortran: Bool?
    var dimensions: [Int]?
    try parser.expect("{")
    while !parser.accept("}") {
      let key = try parser.string()
      try parser.expect(":")
      switch key {
      case "descr" where descr == nil: descr = try parser.string()
      case "fortran_order" where isFortran == nil: isFortran = try parser.boolean()
      case "shape" where dimensions == nil: dimensions = try parser.tuple()
      default: throw .malformedHeader
      }
      if !parser.accept(",") {
        try parser.expect("}")
        break
      }
    }
    try parser.expectEnd()
    guard let descr, let isFortran, let dimensions else { throw .malformedHeader }

    guard let type = ElementType(rawValue: descr) else {
      throw descr.hasPrefix(">") ? .bigEndian(descr: descr) : .unsupportedType(descr: descr)
    }
    guard (1...2).contains(dimensions.count) else { throw .dimensions(found: dimensions.count) }
    // The order of a single dimension means nothing.
    guard !isFortran || dimensions.count == 1 else { throw .fortranOrder }
    let (rows, columns) = (dimensions[0], dimensions.count == 1 ? 1 : dimensions[1])
    let (elements, isTooMany) = rows.multipliedReportingOverflow(by: columns)
    let (bytes, isTooLarge) = elements.multipliedReportingOverflow(by: type.size)
    guard !isTooMany, !isTooLarge, elements > 0 else {
      throw .shape(rows: rows, columns: columns)
    }
    self.type = type
    shape = dimensions
    byteCount = bytes
  }

  /// A cursor over the little of Python that the header uses.
  private struct Parser {
    var rest: ArraySlice<UInt8>

    mutating func skipSpaces() {
      rest = rest.drop { $0 == 0x20 || $0 == 0x0A }
    }

    mutating func accept(_ word: StaticString) -> Bool {
      skipSpaces()
      let bytes = Array(word.description.utf8)
      guard rest.starts(with: bytes) else { return false }
      rest = rest.dropFirst(bytes.count)
      return true
    }

    mutating func expect(_ word: StaticString) throws(NumPyFault) {
      guard accept(word) else { throw .malformedHeader }
    }

    mutating func expectEnd() throws(NumPyFault) {
      skipSpaces()
      guard rest.isEmpty else { throw .malformedHeader }
    }

    mutating func string() throws(NumPyFault) -> String {
      skipSpaces()
      guard let quote = rest.popFirst(), quote == 0x27 || quote == 0x22,
        let end = rest.firstIndex(of: quote)
      else { throw .malformedHeader }
      let content = rest[..<end]
      rest = rest[(end + 1)...]
      guard content.allSatisfy({ 0x20...0x7E ~= $0 && $0 != 0x5C }) else {
        throw .malformedHeader
      }
      return String(decoding: content, as: UTF8.self)
    }

    mutating func boolean() throws(NumPyFault) -> Bool {
      if accept("True") { return true }
      try expect("False")
      return false
    }

    mutating func tuple() throws(NumPyFault) -> [Int] {
      var numbers: [Int] = []
      try expect("(")
      while !accept(")") {
        skipSpaces()
        let digits = rest.prefix { 0x30...0x39 ~= $0 }
        guard let number = Int(String(decoding: digits, as: UTF8.self)) else {
          throw .malformedHeader
        }
        rest = rest.dropFirst(digits.count)
        numbers.append(number)
        if !accept(",") {
          // A tuple of one element needs its comma.
          guard numbers.count > 1 else { throw .malformedHeader }
          try expect(")")
          break
        }
      }
      return numbers
    }
  }
}

/// A NumPy file as it is read: exact counts, and the hash of all of it.
struct NumPyInput: ~Copyable {
  private var source: ByteSource
  private(set) var hash = SHA256()

  init(_ source: consuming ByteSource) { self.source = source }

  var path: String { source.path }

  /// The next `count` bytes.
  mutating func take(_ count: Int) throws(DataError) -> [UInt8] {
    let bytes = try read(upTo: count)
    guard bytes.count == count else {
      throw .numPy(file: path, .truncated(found: bytes.count, expected: count))
    }
    return bytes
  }

  /// All that is left, which must be `count` bytes.
  mutating func rest(count: Int) throws(DataError) -> [UInt8] {
    let bytes = try take(count)
    guard try read(upTo: 1).isEmpty else {
      throw .numPy(file: path, .trailing(expected: count))
    }
    return bytes
  }

  /// Grows with what is there, however large the count.
  private mutating func read(upTo count: Int) throws(DataError) -> [UInt8] {
    var bytes: [UInt8] = []
    // A stated size is only believed up to a point.
    bytes.reserveCapacity(min(count, 1 << 24))
    var chunk = [UInt8](repeating: 0, count: min(max(count, 1), source.step))
    while bytes.count < count {
      let wanted = min(chunk.count, count - bytes.count)
      let got: Int
      do { got = try source.read(into: &chunk, at: 0..<wanted) } catch { throw DataError(error) }
      if got == 0 { break }
      bytes += chunk[..<got]
    }
    hash.update(bytes)
    return bytes
  }
}
