// SPDX-License-Identifier: Apache-2.0
import Glibc

/// A named pipe that stays open while the test writes to it.
final class Pipe {
  let path: String
  private let descriptor: Int32

  init(_ path: String) {
    self.path = path
    unsafe mkfifo(path, 0o600)
    // Opened for both directions so that neither end waits for the other.
    descriptor = unsafe open(path, O_RDWR)
  }

  deinit { close(descriptor) }

  func send(_ text: String) {
    let bytes = Array(text.utf8)
    _ = unsafe bytes.withUnsafeBytes { unsafe write(descriptor, $0.baseAddress, $0.count) }
  }
}
