// SPDX-License-Identifier: Apache-2.0
import Glibc

/// Reads a whole file; `-` reads standard input.
///
/// - Parameter limit: the largest number of bytes taken; one byte more is returned when the file is
///   longer, so that a caller's own cap on the size still sees that it is exceeded.
/// - Throws: ``FileError``.
public func readFile(_ path: String, limit: Int = .max) throws(FileError) -> [UInt8] {
  let descriptor = path == "-" ? STDIN_FILENO : unsafe open(path, O_RDONLY | O_CLOEXEC)
  guard descriptor >= 0 else { throw FileError(path: path, operation: .open, code: errno) }
  defer { if descriptor != STDIN_FILENO { close(descriptor) } }

  var status = stat()
  let known = unsafe fstat(descriptor, &status) == 0 ? Int(status.st_size) : 0
  let wanted = limit == .max ? Int.max : limit + 1
  var bytes = [UInt8]()
  bytes.reserveCapacity(min(known, wanted))
  while bytes.count < wanted {
    let room = min(max(known - bytes.count, 0) + 65_536, wanted - bytes.count)
    var failure: Int32 = 0
    let chunk = unsafe [UInt8](unsafeUninitializedCapacity: room) { buffer, count in
      let got = unsafe readRetrying(descriptor, into: buffer)
      if got < 0 { failure = errno }
      count = max(got, 0)
    }
    guard failure == 0 else { throw FileError(path: path, operation: .read, code: failure) }
    if chunk.isEmpty { break }
    if bytes.isEmpty { bytes = chunk } else { bytes += chunk }
  }
  return bytes
}

/// `read`, again when a signal interrupted it.
func readRetrying(_ descriptor: Int32, into buffer: UnsafeMutableBufferPointer<UInt8>) -> Int {
  while true {
    let got = unsafe read(descriptor, buffer.baseAddress, buffer.count)
    if got >= 0 || errno != EINTR { return got }
  }
}
