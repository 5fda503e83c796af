// SPDX-License-Identifier: Apache-2.0
import Glibc
import NNQFormat

@testable import NNQGateway

private let folder = "/dev/shm/nnqd-fuzz-\(getpid())"

/// A spool's file of any bytes gives its whole records and then nothing, and its folder is empty after.
func fuzzSpool(_ bytes: [UInt8]) {
  var file = bytes
  repairRecords(&file, from: 36)
  mkdir(folder, 0o700)
  let descriptor = open(folder + "/spool-1", O_WRONLY | O_CREAT | O_TRUNC, 0o600)
  must(write(descriptor, file, file.count) == file.count)
  close(descriptor)
  guard
    let spool = try? Spool(
      folder, byteLimit: 1 << 20, lifetimeMilliseconds: 1000,
      boot: Array(file.prefix(36)) + [UInt8](repeating: 0, count: max(36 - file.count, 0)),
      now: 5000)
  else { return must(false) }
  var bytesOut = 0
  while let record = spool.next(now: 5000) {
    must(record.device.count <= 255)
    bytesOut += record.device.count + record.answer.count + 17
  }
  must(bytesOut <= file.count && spool.isEmpty && spool.bytes == 0)
  rmdir(folder)
}
