// SPDX-License-Identifier: Apache-2.0
import Glibc

/// The path of a file in memory that holds the bytes: `-`, because what is open need not be looked up.
func memoryFile(_ bytes: [UInt8]) -> String {
  must(descriptor == STDIN_FILENO)
  let written = bytes.withUnsafeBytes { pwrite(descriptor, $0.baseAddress, $0.count, 0) }
  must(written == bytes.count && ftruncate(descriptor, written) == 0)
  rewindMemoryFile()
  return "-"
}

/// Makes the next one who reads the file start at its first byte.
func rewindMemoryFile() { must(lseek(descriptor, 0, SEEK_SET) == 0) }

/// Takes the place of standard input.
private let descriptor: Int32 = {
  let path = "/dev/shm/nnq-fuzz-\(getpid())"
  let file = open(path, O_RDWR | O_CREAT | O_EXCL, 0o600)
  unlink(path)
  return dup2(file, STDIN_FILENO)
}()
