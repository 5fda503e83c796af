// SPDX-License-Identifier: Apache-2.0
import Glibc

/// A file that appears under its name only when it is whole.
///
/// Bytes go to a temporary name in the same folder; ``commit()`` syncs them, renames the file and
/// syncs the folder. A file that is dropped without a commit leaves nothing behind, and whatever
/// stood under the name before stays. A path that is not a regular file (`/dev/stdout`, a pipe) is
/// written directly: there is nothing to replace. `-` is standard output.
public struct AtomicFile: ~Copyable {
  private let path: String
  /// Nil when the bytes go straight to the destination.
  private let temporary: String?
  private let descriptor: Int32
  /// Where ``Interruption`` keeps the temporary name.
  private let interruption: Int?
  private var buffer: [UInt8] = []
  private var isCommitted = false

  private static let bufferSize = 1 << 16

  /// - Throws: ``FileError`` when the folder cannot be written.
  public init(_ path: String) throws(FileError) {
    self.path = path
    if path == "-" {
      temporary = nil
      interruption = nil
      descriptor = STDOUT_FILENO
      return
    }
    var status = stat()
    if unsafe stat(path, &status) == 0, status.st_mode & S_IFMT != S_IFREG {
      temporary = nil
      interruption = nil
      descriptor = unsafe open(path, O_WRONLY | O_CLOEXEC)
    } else {
      let name = "\(path).\(getpid()).tmp"
      temporary = name
      interruption = Interruption.begin(name)
      descriptor = unsafe open(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    }
    guard descriptor >= 0 else {
      let code = errno
      Interruption.end(interruption)
      throw FileError(path: path, operation: .open, code: code)
    }
  }

  deinit {
    guard let temporary else {
      if descriptor != STDOUT_FILENO { close(descriptor) }
      return
    }
    close(descriptor)
    if !isCommitted { _ = unsafe unlink(temporary) }
    Interruption.end(interruption)
  }

  /// Appends bytes.
  public mutating func write(_ bytes: some Collection<UInt8>) throws(FileError) {
    buffer.append(contentsOf: bytes)
    if buffer.count >= Self.bufferSize { try flush() }
  }

  /// Sends what is buffered to the operating system.
  public mutating func flush() throws(FileError) {
    var start = 0
    while start < buffer.count {
      let sent = unsafe buffer.withUnsafeBytes { bytes in
        unsafe Glibc.write(descriptor, bytes.baseAddress?.advanced(by: start), bytes.count - start)
      }
      if sent < 0 {
        if errno == EINTR { continue }
        throw FileError(path: path, operation: .write, code: errno)
      }
      start += sent
    }
    buffer.removeAll(keepingCapacity: true)
  }

  /// Makes the file appear under its name.
  ///
  /// - Throws: ``FileError``. When the folder could not be synced (`operation` is `sync` and the
  ///   new file stands) the outcome after a power cut is unknown: read the file again.
  public mutating func commit() throws(FileError) {
    try flush()
    guard let temporary else { return }
    guard fsync(descriptor) == 0 else {
      throw FileError(path: path, operation: .sync, code: errno)
    }
    guard unsafe rename(temporary, path) == 0 else {
      throw FileError(path: path, operation: .rename, code: errno)
    }
    isCommitted = true
    try syncFolder()
  }

  private func syncFolder() throws(FileError) {
    let folder = path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) }
    let handle = unsafe open(folder ?? ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard handle >= 0 else { throw FileError(path: path, operation: .sync, code: errno) }
    defer { close(handle) }
    // A file system that cannot sync a folder (EINVAL) gives no stronger promise to wait for.
    guard fsync(handle) == 0 || errno == EINVAL else {
      throw FileError(path: path, operation: .sync, code: errno)
    }
  }
}

/// Writes a whole file so that it appears under its name only when it is complete.
public func writeFile(_ bytes: some Collection<UInt8>, to path: String) throws(FileError) {
  var file = try AtomicFile(path)
  try file.write(bytes)
  try file.commit()
}
