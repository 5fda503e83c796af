// SPDX-License-Identifier: Apache-2.0
import Glibc
import NNQTestSupport

/// A folder in which C sources are compiled together with firmware-runtime, gone with the value.
final class CProgram {
  let folder: String

  static let hasCompiler = unsafe system("command -v gcc >/dev/null 2>&1") == 0

  init() {
    var template = Array("/tmp/nnq-program-XXXXXX".utf8CString)
    unsafe mkdtemp(&template)
    folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  deinit { _ = run("rm -r '\(folder)'") }

  func callAsFunction(_ name: String) -> String { "\(folder)/\(name)" }

  /// Compiles the named sources of the folder under strict C99; true when there is no warning.
  func compile(_ sources: String...) -> Bool {
    let files = sources.map { "'\(self($0))'" }.joined(separator: " ")
    let runtime = "\(packageRoot)/firmware-runtime"
    return run(
      "gcc -std=c99 -pedantic -Wall -Wextra -Wconversion -Wshadow -Werror -O1 -I'\(folder)'"
        + " -I'\(runtime)/include' -o '\(self("program"))' \(files) '\(runtime)'/src/*.c")
  }

  /// Copies the runtime's sources into the folder, where they can be changed.
  func copyRuntime() -> Bool {
    let runtime = "\(packageRoot)/firmware-runtime"
    let parts = ["src", "include", "conform", "targets"].map { "'\(runtime)/\($0)'" }
    return run("cp -r \(parts.joined(separator: " ")) '\(folder)'")
  }

  /// Compiles sources of ``copyRuntime()`` with the copied runtime.
  func compileCopy(_ sources: String...) -> Bool {
    let files = sources.map { "'\(self($0))'" }.joined(separator: " ")
    return run(
      "gcc -std=c99 -O1 -I'\(folder)/include' -o '\(self("program"))' \(files) '\(folder)'/src/*.c")
  }

  /// Writes a file of the folder.
  func put(_ text: String, in name: String) {
    guard let file = unsafe fopen(self(name), "w") else { return }
    defer { unsafe fclose(file) }
    _ = unsafe fputs(text, file)
  }

  /// What the compiled program prints when it reads a file; nil when it fails.
  func output(fedWith path: String) -> String? {
    guard run("'\(self("program"))' < '\(path)' > '\(self("output"))'") else { return nil }
    return text(of: self("output"))
  }

  /// What the compiled program prints; nil when it fails.
  func output() -> String? {
    guard run("'\(self("program"))' > '\(self("output"))'") else { return nil }
    return text(of: self("output"))
  }

  private func run(_ line: String) -> Bool { unsafe system(line) == 0 }
}

/// The text of a file; nil when it cannot be read.
func text(of path: String) -> String? {
  guard let file = unsafe fopen(path, "r") else { return nil }
  defer { unsafe fclose(file) }
  var bytes: [UInt8] = []
  while case let byte = unsafe getc(file), byte != EOF { bytes.append(UInt8(byte)) }
  return String(decoding: bytes, as: UTF8.self)
}
