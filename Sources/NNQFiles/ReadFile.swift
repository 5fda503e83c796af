// SPDX-License-Identifier: Apache-2.0
import Glibc

/// Reads a whole file as it is; `-` reads standard input.
///
/// - Parameter limit: the largest number of bytes taken; one byte more is returned when the file is
///   longer, so that a caller's own cap on the size still sees that it is exceeded.
/// - Throws: ``FileError``.
public func readFile(_ path: String, limit: Int = .max) throws(FileError) -> [UInt8] {
  let input = try InputFile(path)
  let wanted = limit == .max ? Int.max : limit + 1
  var bytes = [UInt8]()
  // A stated size is only believed up to a point: a sparse file may state anything.
  let largestStep = 1 << 24
  let stated = min(input.statedSize, wanted, largestStep)
  bytes.reserveCapacity(stated)
  // A pipe and what the kernel makes up when it is read state 0 bytes.
  var chunk = [UInt8](repeating: 0, count: min(max(stated, 1 << 16), 1 << 18))
  while bytes.count < wanted {
    let got = try input.read(into: &chunk, at: 0..<chunk.count)
    if got == 0 { break }
    bytes += chunk[..<min(got, wanted - bytes.count)]
  }
  return bytes
}

/// An open descriptor that is read; `-` is standard input.
struct InputFile: ~Copyable {
  let path: String
  private let descriptor: Int32

  init(_ path: String) throws(FileError) {
    let opened = path == "-" ? STDIN_FILENO : unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard opened >= 0 else { throw FileError(path: path, operation: .open, code: errno) }
    self.path = path
    descriptor = opened
  }

  deinit { if descriptor != STDIN_FILENO { close(descriptor) } }

  /// What the file system says; 0 for a pipe.
  var statedSize: Int {
    var status = stat()
    return unsafe fstat(descriptor, &status) == 0 ? max(Int(status.st_size), 0) : 0
  }

  /// Puts what is there into `bytes` at `range` and returns how many; 0 only at the end.
  func read(into bytes: inout [UInt8], at range: Range<Int>) throws(FileError) -> Int {
    precondition(!range.isEmpty)
    while true {
      let got = unsafe bytes.withUnsafeMutableBytes { buffer in
        let room = unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[range])
        return unsafe Glibc.read(descriptor, room.baseAddress, room.count)
      }
      if got >= 0 { return got }
      guard errno == EINTR else { throw FileError(path: path, operation: .read, code: errno) }
    }
  }
}
