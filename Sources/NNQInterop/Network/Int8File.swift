// SPDX-License-Identifier: Apache-2.0

/// A file of an int8 model in another format, and how faithful its factors are.
public struct Int8File: Sendable {
  public var bytes: [UInt8]
  /// Rows whose factor other runtimes form otherwise, because the format has scales of 24 bits or
  /// demands another scale behind an activation: their codes can differ by 1 where a sum lies next to
  /// a rounding boundary.
  public var roundedRows: Int
}
