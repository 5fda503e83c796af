// SPDX-License-Identifier: Apache-2.0
import Glibc
import NNQFiles

/// Where a verb writes: a path that the user named, which is replaced, or a default name, which is
/// kept when it holds the same bytes and refused when it holds others.
struct OutputFile {
  let path: String
  private let mayReplace: Bool
  /// Another file of the command that this one would destroy.
  private let conflict: Failure?

  /// The bytes go to standard output, where nothing else may then go.
  var isStandardOutput: Bool { path == "-" }

  /// - Parameter defaultPath: the name that is used when `-o` is not given.
  init(_ arguments: ParsedArguments, defaultPath: String) {
    let isNamed = arguments.isGiven("-o")
    path = isNamed ? arguments.string("-o") : defaultPath
    mayReplace = isNamed || arguments.flag("--force")
    do throws(Failure) {
      try arguments.checkFiles(output: defaultPath)
      conflict = nil
    } catch {
      conflict = error
    }
  }

  /// A file that the user named.
  init(replacing path: String) {
    self.path = path
    mayReplace = true
    conflict = nil
  }

  /// What to say before long work whose result may not be written in the end; nil when all is well.
  var caution: String? {
    guard !mayReplace, unsafe access(path, F_OK) == 0 else { return nil }
    return
      "\(path) exists: unless the result is the same it will be refused (-o or --force avoid that)"
  }

  /// Refuses a name that cannot be written, and one of another file of the command, before any long
  /// work is done.
  func checkWritable() throws(Failure) {
    if let conflict { throw conflict }
    guard !isStandardOutput else { return }
    var status = stat()
    if unsafe stat(path, &status) == 0 {
      guard status.st_mode & S_IFMT != S_IFDIR else {
        throw Failure(FileError(path: path, operation: .open, code: EISDIR))
      }
      // A device or a pipe is written in place; a file is replaced by a new one in its folder.
      guard status.st_mode & S_IFMT == S_IFREG else { return }
    }
    // The dot makes it an error when what should be the folder is a file.
    let folder = path.lastIndex(of: "/").map { "\(path[...$0])." }
    guard unsafe access(folder ?? ".", W_OK) == 0 else {
      throw Failure(FileError(path: path, operation: .open, code: errno))
    }
  }

  /// Writes a model, and warns of a signature beside it that is one of other bytes.
  func write(model bytes: [UInt8], _ console: Console) throws(Failure) {
    try write(bytes)
    if !isStandardOutput { console.warnOfSignature(beside: path, bytes) }
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
