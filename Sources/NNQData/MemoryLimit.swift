// SPDX-License-Identifier: Apache-2.0

/// How many rows of a table may be held, by the memory that they and what is made of them take.
public struct MemoryLimit: Equatable, Sendable {
  /// The most bytes.
  public var bytes: Int
  /// The bytes of one reading and of what is made of it.
  public var bytesPerReading: Int
  /// The bytes of a row apart from its readings.
  public var bytesPerRow: Int
  /// The bytes that do not depend on the rows.
  public var fixedBytes: Int

  /// A limit with what counts towards it.
  public init(bytes: Int, bytesPerReading: Int, bytesPerRow: Int, fixedBytes: Int) {
    self.bytes = bytes
    self.bytesPerReading = bytesPerReading
    self.bytesPerRow = bytesPerRow
    self.fixedBytes = fixedBytes
  }

  /// The most rows of this many features.
  public func rows(features: Int) -> Int {
    max(0, bytes - fixedBytes) / (bytesPerReading * features + bytesPerRow)
  }

  /// What rows of this many features take.
  public func bytes(rows: Int, features: Int) -> Int {
    fixedBytes + rows * (bytesPerReading * features + bytesPerRow)
  }
}
