// SPDX-License-Identifier: Apache-2.0
import Glibc

/// A folder of its own for a test, gone with the value.
final class ScratchFolder {
  let path: String

  init() {
    var template = Array("/tmp/nnq-files-XXXXXX".utf8CString)
    unsafe mkdtemp(&template)
    path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  deinit {
    unsafe chmod(path, 0o700)
    for name in names { _ = unsafe unlink(self(name)) }
    unsafe rmdir(path)
  }

  func callAsFunction(_ name: String) -> String { "\(path)/\(name)" }

  /// The names in the folder, sorted.
  var names: [String] {
    guard let folder = unsafe opendir(path) else { return [] }
    defer { unsafe closedir(folder) }
    var names: [String] = []
    while let entry = unsafe readdir(folder) {
      let name = unsafe withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
        unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      if name != ".", name != ".." { names.append(name) }
    }
    return names.sorted()
  }

  /// Writes bytes without the code under test.
  func put(_ bytes: [UInt8], in name: String) -> String {
    let descriptor = unsafe open(self(name), O_WRONLY | O_CREAT | O_TRUNC, 0o644)
    defer { close(descriptor) }
    var rest = bytes[...]
    while !rest.isEmpty {
      let sent = unsafe rest.withUnsafeBytes { unsafe write(descriptor, $0.baseAddress, $0.count) }
      rest = rest.dropFirst(max(sent, 0))
    }
    return self(name)
  }
}
