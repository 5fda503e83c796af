// SPDX-License-Identifier: Apache-2.0
import Glibc
import NNQWords

/// Lines on standard error with the priority in front, as the system journal reads it; without it on a
/// terminal.
enum Log {
  enum Priority: Int { case error = 3, warning = 4, notice = 5, information = 6 }

  static func write(_ priority: Priority, _ text: String) {
    let prefix = isatty(STDERR_FILENO) == 1 ? "nnqd: " : "<\(priority.rawValue)>"
    let bytes = Array("\(prefix)\(line(text))\n".utf8)
    _ = unsafe bytes.withUnsafeBytes { unsafe Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
  }

  /// The text as one line: whatever name stands in it, it has no end in the middle and nothing that a
  /// terminal obeys.
  static func line(_ text: String) -> String {
    printable(text.split(whereSeparator: \.isNewline).joined(separator: " "))
  }
}
