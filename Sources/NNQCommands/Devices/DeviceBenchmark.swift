// SPDX-License-Identifier: Apache-2.0
import Glibc
import NNQFiles
import NNQFormat
import NNQRuntime

/// What a model needs on a device, from an emulator.
struct DeviceResult {
  let model: String
  let target: DeviceTarget
  /// Of one inference; nil where nothing counts them.
  let instructions: Int?
  /// The runtime with its loader, without weights.
  let textBytes: Int?
  /// Input, output and arena, in one buffer; and the image, where constants lie in RAM.
  let ramBytes: Int
  let stackBytes: Int?
  let vectors: Int
  /// The outputs are those of this machine.
  let isEqual: Bool

  var json: JSON {
    [
      "model": .string(model), "target": .string(target.rawValue),
      "kernel": .string(target.layout.rawValue), "batch": 1, "ns_min": nil, "ns_median": nil,
      "instructions": JSON(instructions), "text_bytes": JSON(textBytes),
      "ram_bytes": .integer(ramBytes), "stack_bytes": JSON(stackBytes),
      "vectors": .integer(vectors), "outputs_equal": .boolean(isEqual),
    ]
  }

  var cells: [String] {
    [
      model, target.rawValue, target.layout.rawValue, instructions.map { "\($0)" } ?? "",
      textBytes.map(Format.bytes) ?? "", Format.bytes(ramBytes),
      stackBytes.map(Format.bytes) ?? "", isEqual ? "equal" : "differ",
    ]
  }
}

/// Builds a model with the runtime for a target, runs it in an emulator and compares its outputs.
///
/// - Throws: ``Failure`` when a tool is missing or the build fails.
func measure(
  _ input: ModelInput, on target: DeviceTarget, runtime folder: String
) throws -> DeviceResult {
  let missing = target.tools.filter { !hasTool($0.name) }
  guard missing.isEmpty else {
    throw Failure(
      .inputOutput,
      "\(target.rawValue): \(missing.map(\.name).joined(separator: ", "))"
        + " \(missing.count == 1 ? "is" : "are") not installed",
      hint: "install \(missing.map(\.package).joined(separator: " "))")
  }
  let image = try input.image()
  let arranged = try input.arranged(for: target.layout)
  let source = try CSource(
    name: "network", header: "network.h", image: image, model: input.model, arranged: arranged)
  let (text, succeeded) = try withScratchFolder { work in
    try writeFile(Array(source.headerText.utf8), to: "\(work)/network.h")
    try writeFile(Array(source.sourceText.utf8), to: "\(work)/network.c")
    return try runTool([
      "make", "-s", "--no-print-directory", "-C", "\(folder)/targets", "run",
      "TARGET=\(target.rawValue)", "MODEL=\(work)/network.c", "BUILD=\(work)/build",
      // A compiler that is killed leaves its temporary files.
      "VECTORS=\(target.vectors)", "TMPDIR=\(work)",
    ])
  }
  let facts = facts(of: text)
  guard succeeded, let high = facts["digest_high"], let low = facts["digest_low"] else {
    throw Failure(
      .inputOutput, "\(target.rawValue): \(named(input.path)) cannot be built or run there",
      hint: reason(of: text))
  }
  let digest = try outputDigest(image, vectors: target.vectors)
  return DeviceResult(
    model: input.path, target: target, instructions: facts["most_instructions"],
    textBytes: facts["text_bytes"],
    ramBytes: source.ramBytes + (target.keepsConstantsInRAM ? source.imageBytes : 0),
    stackBytes: facts["run_stack"].flatMap { $0 > 0 ? $0 : nil }, vectors: target.vectors,
    isEqual: digest == UInt64(high) << 32 | UInt64(low))
}

/// The line of a failed build or run that says most about why; nil where there is none.
///
/// What make and the driver of a linker say of a command is only that it failed.
func reason(of text: String) -> String? {
  let lines = text.split(separator: "\n").filter { $0.contains { !$0.isWhitespace } }
  let own = lines.filter { line in
    !["collect2: ", "make: ", "make["].contains { line.hasPrefix($0) }
  }
  let reason = own.first { $0.contains("error") || $0.contains("overflow") } ?? own.last
  return (reason ?? lines.last).map(String.init)
}

/// The lines of a key and a number.
private func facts(of text: String) -> [String: Int] {
  var facts: [String: Int] = [:]
  for line in text.split(separator: "\n") {
    let words = line.split(separator: " ")
    if words.count == 2, let number = Int(words[1]) { facts[String(words[0])] = number }
  }
  return facts
}
