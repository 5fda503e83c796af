// SPDX-License-Identifier: Apache-2.0
public import NNQFiles

/// A table of numbers from a NumPy file: versions 1.0, 2.0 and 3.0, little-endian, in C order.
///
/// - Source: the NEP 1 format, `numpy.lib.format`.
public struct NumPyArray: Equatable, Sendable {
  /// The elements, row by row, in the type of the file.
  public enum Elements: Equatable, Sendable {
    case float32([Float])
    case float64([Double])
    case int8([Int8])
    case int16([Int16])
    case int32([Int32])
    case int64([Int64])
    case uint8([UInt8])
  }

  /// The elements, row by row.
  public let elements: Elements
  /// One for each dimension: one or two, none of them 0.
  public let shape: [Int]
  /// The SHA-256 of the file's bytes, unpacked, in hexadecimal.
  public let sourceSHA256: String

  /// The first bytes of a NumPy file.
  public static let magic: [UInt8] = [0x93, 0x4E, 0x55, 0x4D, 0x50, 0x59]

  /// The number of rows; a single dimension is a column.
  public var rows: Int { shape[0] }
  /// The number of columns.
  public var columns: Int { shape.count == 1 ? 1 : shape[1] }

  /// Reads a file, which may be packed with zstd; `-` is standard input.
  ///
  /// - Throws: ``DataError``. The memory taken follows the bytes that are there, not the size that
  ///   the header states.
  public init(reading path: String) throws(DataError) {
    try self.init(reading: .open(path))
  }

  /// Reads a file of which nothing was read yet.
  ///
  /// - Parameter limit: the memory for the rows, which the header's shape is held against before
  ///   they are read; nil is no limit.
  public init(
    reading source: consuming ByteSource, limit: MemoryLimit? = nil
  ) throws(DataError) {
    var input = NumPyInput(source)
    let header = try NumPyHeader(reading: &input)
    if let limit { try header.check(limit, file: input.path) }
    let bytes = try input.rest(count: header.byteCount)
    shape = header.shape
    sourceSHA256 = input.hash.hex()
    elements =
      switch header.type {
      case .float32: .float32(Self.words(bytes, of: UInt32.self, Float.init(bitPattern:)))
      case .float64: .float64(Self.words(bytes, of: UInt64.self, Double.init(bitPattern:)))
      case .int8: .int8(bytes.map { Int8(bitPattern: $0) })
      case .int16: .int16(Self.words(bytes, of: Int16.self) { $0 })
      case .int32: .int32(Self.words(bytes, of: Int32.self) { $0 })
      case .int64: .int64(Self.words(bytes, of: Int64.self) { $0 })
      case .uint8: .uint8(bytes)
      }
  }

  /// The elements as readings, each rounded to the nearest binary32.
  public var readings: [Float] {
    switch elements {
    case .float32(let values): values
    case .float64(let values): values.map { Float($0) }
    case .int8(let values): values.map { Float($0) }
    case .int16(let values): values.map { Float($0) }
    case .int32(let values): values.map { Float($0) }
    case .int64(let values): values.map { Float($0) }
    case .uint8(let values): values.map { Float($0) }
    }
  }

  private static func words<Word: FixedWidthInteger & BitwiseCopyable, Element>(
    _ bytes: [UInt8], of type: Word.Type, _ element: (Word) -> Element
  ) -> [Element] {
    let size = MemoryLayout<Word>.size
    return unsafe bytes.withUnsafeBytes { buffer in
      (0..<bytes.count / size).map {
        element(
          Word(littleEndian: unsafe buffer.loadUnaligned(fromByteOffset: $0 * size, as: Word.self)))
      }
    }
  }
}

extension Dataset {
  /// The rows of an array as readings of features, NaN for a missing one.
  ///
  /// A single dimension with as many elements as the model has features is one row.
  /// - Throws: ``DataError`` when the columns do not fit or a number is infinite.
  public init(
    _ array: NumPyArray, columns: ColumnSelection, file: String
  ) throws(DataError) {
    var (rows, width) = (array.rows, array.columns)
    let names: [String]
    switch columns {
    case .training(let targets, let group, let excluded, let categorical, let requiresTarget):
      if let name = (targets + [group].compactMap(\.self) + excluded + categorical).first {
        throw .missingColumn(file: file, column: name)
      }
      if requiresTarget { throw .noTargetColumn(file: file) }
      guard width <= ColumnRoles.mostFeatures else {
        throw .tooManyColumns(file: file, found: width, limit: ColumnRoles.mostFeatures)
      }
      names = (0..<width).map { "x\($0)" }
    case .model(let features, let targets, let requiresTargets, _, let group):
      if let name = (requiresTargets ? targets.first : nil) ?? group {
        throw .missingColumn(file: file, column: name)
      }
      if array.shape.count == 1, rows == features.count { (rows, width) = (1, rows) }
      guard width == features.count else {
        throw .numPy(file: file, .columns(found: width, expected: features.count))
      }
      names = features
    }
    let readings = array.readings
    if let index = readings.firstIndex(where: \.isInfinite) {
      let place = CellPlace(file: file, line: index / width + 1, column: names[index % width])
      throw .infinite(place, text: readings[index] > 0 ? "inf" : "-inf")
    }
    self.init(
      featureNames: names, rows: rows, readings: readings, targets: [],
      sourceSHA256: array.sourceSHA256)
  }
}
