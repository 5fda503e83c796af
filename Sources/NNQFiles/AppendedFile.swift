// SPDX-License-Identifier: Apache-2.0
import Glibc

/// A file that grows line by line and may be read while it does: for logs, which should outlive the
/// process that is killed. `-` is standard output.
public struct AppendedFile: ~Copyable {
  private let path: String
  private let descriptor: Int32

  /// Begins an empty file, or goes on behind the first bytes of one.
  ///
  /// - Parameter kept: the bytes that stay; all behind them is cut off at once.
  public init(_ path: String, keeping kept: Int = 0) throws(FileError) {
    self.path = path
    if path == "-" {
      descriptor = STDOUT_FILENO
      return
    }
    let start = kept == 0 ? O_TRUNC : O_APPEND
    descriptor = unsafe open(path, O_WRONLY | O_CREAT | start | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { throw FileError(path: path, operation: .open, code: errno) }
    guard kept == 0 || ftruncate(descriptor, kept) == 0 else {
      throw FileError(path: path, operation: .write, code: errno)
    }
  }

  deinit { if descriptor != STDOUT_FILENO { close(descriptor) } }

  /// Hands the text to the operating system before it returns.
  public func append(_ text: String) throws(FileError) {
    let bytes = Array(text.utf8)
    var start = 0
    while start < bytes.count {
      let sent = unsafe bytes.withUnsafeBytes { bytes in
        let rest = unsafe UnsafeRawBufferPointer(rebasing: bytes[start...])
        return unsafe Glibc.write(descriptor, rest.baseAddress, rest.count)
      }
      if sent >= 0 {
        start += sent
      } else if errno != EINTR {
        throw FileError(path: path, operation: .write, code: errno)
      }
    }
  }
}
