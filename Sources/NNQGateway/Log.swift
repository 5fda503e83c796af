// SPDX-License-Identifier: Apache-2.0
import Glibc

/// Lines on standard error with the priority in front, as the system journal reads it; without it on a
/// terminal.
enum Log {
  enum Priority: Int { case error = 3, warning = 4, notice = 5, information = 6 }

  static func write(_ priority: Priority, _ text: String) {
    let prefix = isatty(STDERR_FILENO) == 1 ? "nnqd: " : "<\(priority.rawValue)>"
    // No line of the log has its end in the middle, whatever name stands in it.
    let line = text.split(whereSeparator: \.isNewline).joined(separator: " ")
    let bytes = Array("\(prefix)\(line)\n".utf8)
    _ = unsafe bytes.withUnsafeBytes { unsafe Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
  }
}
