// SPDX-License-Identifier: Apache-2.0
import Glibc

/// The path of a file in memory, the same one for each input, that holds the bytes; nil when it cannot be
/// written.
func memoryFile(_ bytes: [UInt8]) -> String? {
  let written = bytes.withUnsafeBytes { pwrite(descriptor, $0.baseAddress, $0.count, 0) }
  guard written == bytes.count, ftruncate(descriptor, written) == 0 else { return nil }
  return path
}

private let descriptor: Int32 = {
  let path = "/dev/shm/nnq-fuzz-\(getpid())"
  defer { unlink(path) }
  return open(path, O_RDWR | O_CREAT | O_EXCL, 0o600)
}()
private let path = "/proc/self/fd/\(descriptor)"
