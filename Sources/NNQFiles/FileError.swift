// SPDX-License-Identifier: Apache-2.0
import Glibc

/// A call to the operating system that failed on a file.
public struct FileError: Error, Equatable, Sendable {
  /// What was being done when the call failed.
  public enum Operation: String, Sendable {
    case open, read, write, sync, rename, remove
  }

  /// The path as the user gave it; `-` is standard input or output.
  public let path: String
  /// The call that failed.
  public let operation: Operation
  /// The value of `errno`.
  public let code: Int32

  /// The error of a call on a file.
  public init(path: String, operation: Operation, code: Int32) {
    self.path = path
    self.operation = operation
    self.code = code
  }

  /// The operating system's words for ``code``, for example `No space left on device`.
  public var reason: String { unsafe String(cString: strerror(code)) }
}
