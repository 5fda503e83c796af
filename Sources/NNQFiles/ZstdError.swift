// SPDX-License-Identifier: Apache-2.0
import CZstd

/// What is wrong with a zstd frame.
public enum ZstdError: Error, Equatable, Sendable {
  /// The bytes do not start with a zstd frame that states its size.
  case notAFrame
  /// The frame states another size than the one expected.
  case wrongSize(found: UInt64, expected: UInt64)
  /// The frame needs a larger window than is allowed.
  case windowTooLarge
  /// The bytes end in the middle of a frame.
  case truncated
  /// The frame is damaged or followed by other bytes.
  case damaged(reason: String)
  /// There was no memory for the compressor.
  case outOfMemory

  /// The error that a call of zstd reported.
  ///
  /// The library promises that the numbers of `zstd_errors.h` stay: a status is minus such a number.
  init(status: Int) {
    switch status {
    case -16: self = .windowTooLarge
    case -64: self = .outOfMemory
    case -72: self = .truncated
    default: self = .damaged(reason: unsafe String(cString: ZSTD_getErrorName(status)))
    }
  }
}
