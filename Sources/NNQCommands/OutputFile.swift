// SPDX-License-Identifier: Apache-2.0
import Glibc
import NNQFiles

/// Where a verb writes: a path that the user named, which is replaced, or a default name, which is
/// kept when it holds the same bytes and refused when it holds others.
struct OutputFile {
  let path: String
  private let mayReplace: Bool

  /// - Parameter defaultPath: the name that is used when `-o` is not given.
  init(_ arguments: ParsedArguments, defaultPath: String) {
    let isNamed = arguments.isGiven("-o")
    path = isNamed ? arguments.string("-o") : defaultPath
    mayReplace = isNamed || arguments.flag("--force")
  }

  /// Refuses a name that cannot be written before any long work is done.
  func checkWritable() throws(Failure) {
    guard path != "-" else { return }
    let folder = path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) }
    if unsafe access(path, F_OK) == 0 { return }
    guard unsafe access(folder ?? ".", W_OK) == 0 else {
      throw Failure(FileError(path: path, operation: .open, code: errno))
    }
  }

  func write(_ bytes: [UInt8]) throws(Failure) {
    if !mayReplace, unsafe access(path, F_OK) == 0 {
      let standing = try naming(path) { try readFile(path, limit: bytes.count) }
      guard standing == bytes else {
        throw Failure(
          .inputOutput, "\(path): exists and holds something else",
          hint: "choose another name with -o, or replace it with --force")
      }
      return
    }
    try naming(path) { try writeFile(bytes, to: path) }
  }
}
