// SPDX-License-Identifier: Apache-2.0
import Glibc

/// A file that appears under its name only when it is whole.
///
/// Bytes go to a temporary name in the same folder; ``commit()`` syncs them, renames the file and
/// syncs the folder. A file that is dropped without a commit leaves nothing behind, and whatever
/// stood under the name before stays; a file that is replaced hands its permissions on. A path that
/// is not a regular file (`/dev/stdout`, a pipe) is written directly: there is nothing to replace.
/// Through a symbolic link the file that it names is replaced, and the link stays. `-` is standard
/// output. Errors name the path that the caller gave.
public struct AtomicFile: ~Copyable {
  private let path: String
  /// The path with its links followed.
  private let target: String
  /// Nil when the bytes go straight to the destination.
  private let temporary: String?
  private let descriptor: Int32
  /// Where ``Interruption`` keeps the temporary name.
  private let interruption: Int?
  private var buffer: [UInt8] = []
  private var isCommitted = false

  private static let bufferSize = 1 << 16

  /// - Parameter permissions: of a new file, before the process's mask is taken off.
  /// - Throws: ``FileError`` when the folder cannot be written.
  public init(_ path: String, permissions: UInt32 = 0o666) throws(FileError) {
    let target = Self.followingLinks(path)
    let destination = try Self.destination(of: target, named: path, permissions)
    self.path = path
    self.target = target
    temporary = destination.temporary
    descriptor = destination.descriptor
    interruption = destination.interruption
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
    var failure: Int32 = 0
    while start < buffer.count, failure == 0 {
      let sent = unsafe buffer.withUnsafeBytes { bytes in
        let rest = unsafe UnsafeRawBufferPointer(rebasing: bytes[start...])
        return unsafe Glibc.write(descriptor, rest.baseAddress, rest.count)
      }
      if sent >= 0 {
        start += sent
      } else if errno != EINTR {
        failure = errno
      }
    }
    // What was sent is not sent again, whatever the caller does after an error.
    buffer.removeFirst(start)
    if failure != 0 { throw FileError(path: path, operation: .write, code: failure) }
  }

  /// Makes the file appear under its name; nothing more may be written after it.
  ///
  /// - Throws: ``FileError``. When the folder could not be synced (`operation` is `sync` and the
  ///   new file stands) the outcome after a power cut is unknown: read the file again.
  public mutating func commit() throws(FileError) {
    precondition(!isCommitted, "a file is committed once")
    try flush()
    guard let temporary else { return }
    guard fsync(descriptor) == 0 else {
      throw FileError(path: path, operation: .sync, code: errno)
    }
    guard unsafe rename(temporary, target) == 0 else {
      throw FileError(path: path, operation: .rename, code: errno)
    }
    isCommitted = true
    try syncFolder()
  }

  // MARK: - Opening

  /// The name under which a file is replaced: that of what a link leads to, where it leads anywhere.
  private static func followingLinks(_ path: String) -> String {
    guard path != "-", let real = unsafe realpath(path, nil) else { return path }
    defer { unsafe free(real) }
    return unsafe String(cString: real)
  }

  private static func destination(
    of target: String, named path: String, _ permissions: mode_t
  ) throws(FileError) -> (descriptor: Int32, temporary: String?, interruption: Int?) {
    if target == "-" { return (STDOUT_FILENO, nil, nil) }
    var status = stat()
    let exists = unsafe stat(target, &status) == 0
    if exists, status.st_mode & S_IFMT != S_IFREG {
      let descriptor = unsafe open(target, O_WRONLY | O_CLOEXEC)
      guard descriptor >= 0 else { throw FileError(path: path, operation: .open, code: errno) }
      return (descriptor, nil, nil)
    }
    // A name of its own length, so that the longest legal name can still be written; exclusive, so
    // that neither a planted link nor another writer's file is touched.
    for attempt in 0..<100 {
      let name = "\(folder(of: target))/.nnq-\(getpid())-\(attempt).tmp"
      // On the list before it exists, so that no signal comes between. A file of this process's number
      // that stands there already was left by a dead one.
      let interruption = Interruption.begin(name)
      let descriptor = unsafe open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, permissions)
      guard descriptor >= 0 else {
        let code = errno
        Interruption.end(interruption)
        if code == EEXIST { continue }
        throw FileError(path: path, operation: .open, code: code)
      }
      if exists { _ = fchmod(descriptor, status.st_mode & 0o777) }
      return (descriptor, name, interruption)
    }
    throw FileError(path: path, operation: .open, code: EEXIST)
  }

  private static func folder(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  private func syncFolder() throws(FileError) {
    let handle = unsafe open(Self.folder(of: target), O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    // A folder that may be written but not read cannot be synced: there is nothing to wait for.
    guard handle >= 0 else {
      if errno == EACCES { return }
      throw FileError(path: path, operation: .sync, code: errno)
    }
    defer { close(handle) }
    // A file system that cannot sync a folder (EINVAL) gives no stronger promise to wait for.
    guard fsync(handle) == 0 || errno == EINVAL else {
      throw FileError(path: path, operation: .sync, code: errno)
    }
  }
}

/// Writes a whole file so that it appears under its name only when it is complete.
public func writeFile(
  _ bytes: some Collection<UInt8>, to path: String, permissions: UInt32 = 0o666
) throws(FileError) {
  var file = try AtomicFile(path, permissions: permissions)
  try file.write(bytes)
  try file.commit()
}
