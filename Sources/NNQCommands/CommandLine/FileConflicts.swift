// SPDX-License-Identifier: Apache-2.0
import Glibc
import NNQWords

extension Option {
  /// Whether it names a file that is written; every other file is read.
  var isWritten: Bool {
    ["-o", "--report", "--log", "--checkpoint", "--state"].contains(name)
  }
}

extension ParsedArguments {
  /// Refuses a command line that would destroy a file: two that are written are one, or one that is
  /// written is read as well; and one that would mix two results on standard output.
  ///
  /// `-o` may be a file that is read, for it is replaced when all is done, and a checkpoint may take
  /// the place of the one that is resumed.
  ///
  /// - Parameter output: what `-o` writes where it is not given.
  func checkFiles(output: String? = nil) throws(Failure) {
    let written = command.options.filter(\.isWritten).compactMap { option in
      (stringIfGiven(option.name) ?? (option.name == "-o" ? output : nil)).map { (option, $0) }
    }
    for (place, (option, path)) in written.enumerated() {
      if path == "-" { try checkStandardOutput(option, written.prefix(place).map { $0 }) }
      guard let file = FileIdentity(path) else { continue }
      for (other, otherPath) in written.prefix(place) where file == FileIdentity(otherPath) {
        throw command.usageFailure(
          "\(other.name) and \(option.name) write the same file, \(quoted(path))")
      }
      guard option.name != "-o" else { continue }
      for (name, readPath) in read where file == FileIdentity(readPath) {
        guard (option.name, name) != ("--checkpoint", "--resume") else { continue }
        throw command.usageFailure(
          "\(option.name) would replace \(quoted(path)), which \(name) reads")
      }
    }
  }

  private func checkStandardOutput(
    _ option: Option, _ before: [(option: Option, path: String)]
  ) throws(Failure) {
    var other = before.first { $0.path == "-" }?.option.name
    if command.options.contains(where: { $0.name == "--json" }), isGiven("--json"),
      !option.holdsResults
    {
      other = "--json"
    }
    if option.name != "-o" || option.isBesideResults { other = other ?? "the results" }
    guard let other else { return }
    throw command.usageFailure(
      "\(option.name) - would mix with \(other) on standard output", hint: "name a file")
  }

  /// The files that are read, by argument or option.
  private var read: [(name: String, path: String)] {
    let named = command.arguments.filter { $0.completion == .files }.flatMap { argument in
      arguments(argument.name).map { (argument.name, $0) }
    }
    let options = command.options.filter { $0.completion == .files && !$0.isWritten }
    return named + options.flatMap { option in strings(option.name).map { (option.name, $0) } }
  }
}

/// What tells whether two paths are one regular file, there or yet to be made.
private enum FileIdentity: Equatable {
  case there(device: UInt, file: UInt)
  case absent(device: UInt, folder: UInt, name: String)

  /// Nil for standard streams, devices and pipes, and where the folder is not there.
  init?(_ path: String) {
    guard path != "-" else { return nil }
    var status = stat()
    if unsafe stat(path, &status) == 0 {
      guard status.st_mode & S_IFMT == S_IFREG else { return nil }
      self = .there(device: UInt(status.st_dev), file: UInt(status.st_ino))
      return
    }
    let parts = path.split(separator: "/", omittingEmptySubsequences: false)
    let folder = parts.count == 1 ? "." : parts.dropLast().joined(separator: "/") + "/"
    guard unsafe stat(folder, &status) == 0 else { return nil }
    self = .absent(
      device: UInt(status.st_dev), folder: UInt(status.st_ino),
      name: parts.last.map(String.init) ?? "")
  }
}
