// SPDX-License-Identifier: Apache-2.0
import Glibc
import Synchronization

/// Bytes that a process puts aside on a disk, in a file without a name: it is gone with the process,
/// however that ends.
public final class ScratchFile: Sendable {
  private let descriptor: Int32
  private let folder: String
  /// The `errno` of the first read that failed; 0 while none did.
  private let fault = Atomic<Int32>(0)

  fileprivate init(descriptor: Int32, folder: String) {
    self.descriptor = descriptor
    self.folder = folder
  }

  deinit { close(descriptor) }

  /// Why bytes are missing from what was read; nil when none are. Ask after the last read of a kind
  /// of work: a single one does not say.
  public var failure: FileError? {
    let code = fault.load(ordering: .relaxed)
    return code == 0 ? nil : FileError(path: folder, operation: .read, code: code)
  }

  /// Reads `count` numbers from the one at `first` on; zeros where the bytes cannot be read.
  public func numbers(from first: Int, count: Int) -> [Float] {
    let size = MemoryLayout<Float>.size
    return unsafe [Float](unsafeUninitializedCapacity: count) { buffer, initialized in
      unsafe buffer.initialize(repeating: 0)
      let bytes = UnsafeMutableRawBufferPointer(buffer)
      var done = 0
      while done < bytes.count {
        let rest = unsafe UnsafeMutableRawBufferPointer(rebasing: bytes[done...])
        let got = unsafe pread(descriptor, rest.baseAddress, rest.count, first * size + done)
        if got > 0 {
          done += got
        } else if got == 0 || errno != EINTR {
          fault.store(got == 0 ? EIO : errno, ordering: .relaxed)
          break
        }
      }
      initialized = count
    }
  }
}

/// A ``ScratchFile`` while it is written.
public struct ScratchWriter: Sendable {
  private let file: ScratchFile
  private let descriptor: Int32
  private let folder: String

  /// Opens a file in the folder that `TMPDIR` names, else in `/var/tmp`, which is on a disk where
  /// `/tmp` may be memory.
  ///
  /// - Throws: ``FileError`` of the folder.
  public init() throws(FileError) {
    let named = unsafe getenv("TMPDIR").map { unsafe String(cString: $0) } ?? ""
    folder = named.isEmpty ? "/var/tmp" : named
    var template = Array("\(folder)/nnq-XXXXXX".utf8CString)
    descriptor = unsafe template.withUnsafeMutableBufferPointer { name in
      guard let name = name.baseAddress else { return -1 }
      let opened = unsafe mkstemp(name)
      if opened >= 0 { _ = unsafe unlink(name) }
      return opened
    }
    guard descriptor >= 0 else { throw FileError(path: folder, operation: .open, code: errno) }
    _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
    file = ScratchFile(descriptor: descriptor, folder: folder)
  }

  /// Appends numbers.
  public func append(_ numbers: [Float]) throws(FileError) {
    var failure: Int32 = 0
    unsafe numbers.withUnsafeBytes { bytes in
      var done = 0
      while done < bytes.count, failure == 0 {
        let rest = unsafe UnsafeRawBufferPointer(rebasing: bytes[done...])
        let sent = unsafe write(descriptor, rest.baseAddress, rest.count)
        if sent >= 0 { done += sent } else if errno != EINTR { failure = errno }
      }
    }
    if failure != 0 { throw FileError(path: folder, operation: .write, code: failure) }
  }

  /// What was written, to be read.
  public func finish() -> ScratchFile { file }
}
