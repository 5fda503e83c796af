// SPDX-License-Identifier: Apache-2.0
import Glibc
import Testing

/// A folder of its own for a test, gone with the value.
final class ScratchFolder {
  let path: String
  private var names: Set<String> = []

  init() {
    var template = Array("/tmp/nnq-data-XXXXXX".utf8CString)
    unsafe mkdtemp(&template)
    path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  deinit {
    for name in names { _ = unsafe unlink(self(name)) }
    unsafe rmdir(path)
  }

  /// The path of a file in the folder, which goes with it.
  func callAsFunction(_ name: String) -> String {
    names.insert(name)
    return "\(path)/\(name)"
  }

  func put(_ text: String, in name: String = "data.csv") throws -> String {
    try put(Array(text.utf8), in: name)
  }

  func put(_ bytes: [UInt8], in name: String) throws -> String {
    // Without a sync, which would be most of the time of a test with many files.
    let path = self(name)
    let opened = unsafe fopen(path, "w")
    let stream = unsafe try #require(opened)
    defer { unsafe fclose(stream) }
    let written = unsafe bytes.withUnsafeBytes {
      unsafe fwrite($0.baseAddress, 1, $0.count, stream)
    }
    try #require(written == bytes.count)
    return path
  }
}

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
