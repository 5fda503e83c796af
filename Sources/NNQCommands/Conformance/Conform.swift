// SPDX-License-Identifier: Apache-2.0
import Glibc
import NNQFiles
import NNQFormat

extension Command {
  static let conform = Command(
    name: "conform", summary: "Write or check the models that a port of the runtime is judged by",
    arguments: [Argument(name: "FOLDER", help: "Where the kit lies")],
    options: [
      .flag(
        "--check", "Compare the folder with the kit, and run the kit with every kernel here",
        excludes: ["--force"]),
      .file(
        "--device", "LOG",
        "Judge what a port printed for kit.bin, and name the first wrong layer; implies --check",
        excludes: ["--force"]),
      .flag(
        "--force", "Replace files of the kit's names that are not of an earlier kit",
        excludes: ["--check", "--device"]),
      .flag("--json", "Print the checks as one JSON object"),
    ],
    discussion: [
      "The kit holds small models of every operation, width, table and end of a range, with the codes"
        + " that each layer hands on. firmware-runtime/conform/conform.c runs it on a port, over"
        + " standard streams or a debugger. Exits with 1 when a check fails.",
      "The files are the same in every build of this version.",
    ],
    examples: [
      Example("nnq conform kit", "Write the kit into the folder kit"),
      Example("nnq conform kit --check", "Check it and this machine"),
      Example("nnq conform kit --device board.log", "Judge a device"),
    ]
  ) { arguments, console in
    let folder = arguments.argument("FOLDER")
    let files = try ConformanceKit.files()
    let log = try arguments.stringIfGiven("--device").map { try DeviceLog($0) }
    guard arguments.flag("--check") || log != nil else {
      if arguments.flag("--json") { throw Failure(.usage, "conform: --json needs --check") }
      try makeFolder(folder)
      if !arguments.flag("--force") { try checkReplaceable(folder, files) }
      for file in files {
        let path = "\(folder)/\(file.name)"
        try naming(path) { try writeFile(file.bytes, to: path) }
      }
      let bytes = files.reduce(0) { $0 + $1.bytes.count }
      console.note("\(folder): \(files.count) files, \(Format.bytes(bytes))")
      return .success
    }
    var checks = Checks([try checkFolder(folder, files)])
    for model in ConformanceKit.models() {
      let conformance = try Conformance(model)
      checks.append(conformance.here)
      if let log { checks.append(conformance.judged(by: log)) }
    }
    if arguments.flag("--json") {
      try console.print(checks.json)
    } else {
      try console.write(checks.text(style: console.style))
    }
    return checks.hasPassed ? .success : .no
  }
}

/// Makes a folder unless it is there.
private func makeFolder(_ path: String) throws(Failure) {
  guard unsafe mkdir(path, 0o777) != 0, errno != EEXIST else { return }
  throw Failure(FileError(path: path, operation: .open, code: errno))
}

/// Refuses a folder in which a file of the kit would replace something else than an earlier kit's.
private func checkReplaceable(
  _ folder: String, _ files: [(name: String, bytes: [UInt8])]
) throws(Failure) {
  guard !holdsKit(folder) else { return }
  for file in files {
    let path = "\(folder)/\(file.name)"
    guard unsafe access(path, F_OK) == 0 else { continue }
    let standing = try naming(path) { try readGivenFile(path, limit: file.bytes.count) }
    guard standing == file.bytes else {
      throw Failure(
        .inputOutput, "\(path): exists and holds something else",
        hint: "choose another folder, or replace it with --force")
    }
  }
}

/// Whether a kit of this or another version lies in a folder.
private func holdsKit(_ folder: String) -> Bool {
  ConformanceKit.marks.allSatisfy { name, start in
    (try? readGivenFile("\(folder)/\(name)", limit: start.count))?.starts(with: start) ?? false
  }
}

/// Whether a folder holds the kit's files, byte by byte.
private func checkFolder(
  _ folder: String, _ files: [(name: String, bytes: [UInt8])]
) throws(Failure) -> Check {
  var fault: String?
  for file in files where fault == nil {
    do throws(FileError) {
      let found = try readGivenFile("\(folder)/\(file.name)", limit: file.bytes.count)
      if found != file.bytes { fault = "\(file.name) holds something else" }
    } catch {
      fault = "\(file.name): \(error.reason)"
    }
  }
  return Check(
    name: "folder", fault: fault, detail: "\(files.count) files, as this nnq writes them")
}
