// SPDX-License-Identifier: Apache-2.0

/// How many rows of a table may be held, by the memory that they and what is made of them take.
public struct MemoryLimit: Equatable, Sendable {
  /// The most bytes.
  public var bytes: Int
  /// The bytes of one reading and of what is made of it.
  public var bytesPerReading: Int
  /// The bytes of a row with one target apart from its readings.
  public var bytesPerRow: Int
  /// The bytes that do not depend on the rows.
  public var fixedBytes: Int
  /// The bytes of a row whose readings a ``ReadingFile`` holds; nil where none may.
  public var bytesPerFiledRow: Int?

  /// A limit with what counts towards it.
  public init(
    bytes: Int, bytesPerReading: Int, bytesPerRow: Int, fixedBytes: Int,
    bytesPerFiledRow: Int? = nil
  ) {
    self.bytes = bytes
    self.bytesPerReading = bytesPerReading
    self.bytesPerRow = bytesPerRow
    self.fixedBytes = fixedBytes
    self.bytesPerFiledRow = bytesPerFiledRow
  }

  /// Adds what a row takes of so many columns of targets and groups beyond the first: a number, a
  /// label and what the network is to answer.
  mutating func add(columns: Int) {
    let bytes = 12 * max(0, columns - 1)
    bytesPerRow += bytes
    bytesPerFiledRow? += bytes
  }

  /// The most rows of this many features whose readings memory holds.
  public func rows(features: Int) -> Int {
    room / (bytesPerReading * features + bytesPerRow)
  }

  /// The most rows of this many features, wherever their readings are held.
  public func mostRows(features: Int) -> Int {
    max(rows(features: features), bytesPerFiledRow.map { room / $0 } ?? 0)
  }

  /// The least that rows of this many features take.
  public func bytes(rows: Int, features: Int) -> Int {
    let held = bytesPerReading * features + bytesPerRow
    return fixedBytes + rows * min(held, bytesPerFiledRow ?? held)
  }

  private var room: Int { max(0, bytes - fixedBytes) }
}
