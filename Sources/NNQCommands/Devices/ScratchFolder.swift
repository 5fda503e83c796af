// SPDX-License-Identifier: Apache-2.0
import Glibc
import NNQFiles

/// Runs work with a folder of its own, in the one that `TMPDIR` names or in `/tmp`, which is removed after
/// it; also when a signal ends the process, with the child that ``runTool(_:)`` runs.
func withScratchFolder<Result>(_ work: (String) throws -> Result) throws -> Result {
  Interruption.beginWork()
  defer { Interruption.endWork() }
  let given = environment("TMPDIR") ?? ""
  let scratch = given.isEmpty ? "/tmp" : given
  var template = Array("\(scratch)/nnq-bench-XXXXXX".utf8CString)
  guard unsafe mkdtemp(&template) != nil else {
    throw Failure(.inputOutput, "\(named(scratch)): no folder can be made in it")
  }
  let folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  defer { remove(folder) }
  return try work(folder)
}

/// Removes a file, or a folder and all in it; what cannot be removed stays.
private func remove(_ path: String) {
  // A link goes, not what it leads to.
  if unsafe unlink(path) == 0 { return }
  if let stream = unsafe opendir(path) {
    defer { unsafe closedir(stream) }
    while let entry = unsafe readdir(stream) {
      let name = unsafe withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
        unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      if name != ".", name != ".." { remove("\(path)/\(name)") }
    }
  }
  _ = unsafe rmdir(path)
}
