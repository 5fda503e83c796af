// SPDX-License-Identifier: Apache-2.0
import Glibc

/// The folder with the sources of firmware-runtime: what `--runtime` or `NNQ_RUNTIME` names, else one
/// beside the program or above it, else where an installation puts it.
///
/// - Throws: ``Failure`` when there is none.
func runtimeFolder(_ named: String?) throws(Failure) -> String {
  if let named = named ?? environment("NNQ_RUNTIME"), !named.isEmpty {
    guard isRuntime(named) else {
      throw Failure(
        .usage, "\(named): no folder of firmware-runtime",
        hint: "give the one that holds targets/Makefile")
    }
    return named
  }
  var folder = programPath()
  while let slash = folder.lastIndex(of: "/") {
    folder = String(folder[..<slash])
    for place in ["firmware-runtime", "share/nnq/firmware-runtime"]
    where isRuntime("\(folder)/\(place)") {
      return "\(folder)/\(place)"
    }
  }
  throw Failure(
    .usage, "the sources of firmware-runtime are not near this program",
    hint: "name their folder with --runtime or NNQ_RUNTIME")
}

private func isRuntime(_ folder: String) -> Bool {
  unsafe access("\(folder)/targets/Makefile", R_OK) == 0
}

/// The path of the running program.
private func programPath() -> String {
  let limit = 4096
  var bytes = [CChar](repeating: 0, count: limit)
  let count = unsafe readlink("/proc/self/exe", &bytes, limit)
  return String(decoding: bytes.prefix(max(count, 0)).map(UInt8.init(bitPattern:)), as: UTF8.self)
}
