// SPDX-License-Identifier: Apache-2.0
import Glibc
import NNQFiles

/// The right to write in a state folder, which one process at a time has; its end, however it comes,
/// gives the right back.
final class StateLock: Sendable {
  private let descriptor: Int32

  /// - Throws: ``GatewayError`` when another one has it.
  init(_ folder: String) throws(GatewayError) {
    let path = "\(folder)/lock"
    descriptor = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o666)
    guard descriptor >= 0 else {
      throw .file(FileError(path: path, operation: .open, code: errno))
    }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      let code = errno
      close(descriptor)
      throw code == EWOULDBLOCK ? .stateInUse(folder) : GatewayError(call: "flock \(path)", code)
    }
  }

  deinit { close(descriptor) }
}
