// SPDX-License-Identifier: Apache-2.0
import Glibc

/// A folder of a test's own, gone with the value and all that is in it.
public final class TemporaryFolder {
  public let path: String

  public init() {
    var template = Array("/tmp/nnq-test-XXXXXX".utf8CString)
    guard unsafe mkdtemp(&template) != nil else { preconditionFailure("no folder under /tmp") }
    path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  deinit { Self.remove(path) }

  /// The path of a name in the folder.
  public func callAsFunction(_ name: String) -> String { "\(path)/\(name)" }

  /// The names in the folder, sorted.
  public var names: [String] { Self.names(in: path) }

  /// Writes a file without the code under test; returns its path.
  @discardableResult
  public func put(_ bytes: [UInt8], in name: String = "data.csv") -> String {
    let path = self(name)
    let descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o644)
    precondition(descriptor >= 0, "cannot write \(path)")
    defer { close(descriptor) }
    var rest = bytes[...]
    while !rest.isEmpty {
      let sent = unsafe rest.withUnsafeBytes { unsafe write(descriptor, $0.baseAddress, $0.count) }
      precondition(sent > 0, "cannot write \(path)")
      rest = rest.dropFirst(sent)
    }
    return path
  }

  @discardableResult
  public func put(_ text: String, in name: String = "data.csv") -> String {
    put(Array(text.utf8), in: name)
  }

  /// Makes a folder inside; returns its path.
  public func makeFolder(_ name: String) -> String {
    unsafe mkdir(self(name), 0o755)
    return self(name)
  }

  /// The bytes of a file inside; nil when there is none.
  public func bytes(_ name: String) -> [UInt8]? { fileBytes(self(name)) }

  public func text(_ name: String) -> String? {
    bytes(name).map { String(decoding: $0, as: UTF8.self) }
  }

  /// The names in any folder, sorted.
  public static func names(in path: String) -> [String] {
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

  private static func remove(_ path: String) {
    unsafe chmod(path, 0o700)
    for name in names(in: path) {
      let inner = "\(path)/\(name)"
      if unsafe unlink(inner) != 0 { remove(inner) }
    }
    _ = unsafe rmdir(path)
  }
}

/// The bytes of a file, read without the code under test; nil when it cannot be read.
public func fileBytes(_ path: String) -> [UInt8]? {
  let descriptor = unsafe open(path, O_RDONLY)
  guard descriptor >= 0 else { return nil }
  defer { close(descriptor) }
  var bytes: [UInt8] = []
  var chunk = [UInt8](repeating: 0, count: 1 << 16)
  while true {
    let got = unsafe chunk.withUnsafeMutableBytes {
      unsafe read(descriptor, $0.baseAddress, $0.count)
    }
    guard got >= 0 else { return nil }
    if got == 0 { return bytes }
    bytes += chunk[..<got]
  }
}
