// SPDX-License-Identifier: Apache-2.0
import NNQFiles
import NNQFormat
import NNQReference
import NNQRuntime
import NNQTestSupport
import Testing

@testable import NNQCommands

/// The models in `models/` and the answers that were recorded with them.
@Suite struct ShippedModelsTests {
  private static let names = ["motor-fault", "motor-anomaly"]

  @Test("passes every check of verify", arguments: names, ["model.bin", "model.int8.bin"])
  func verifies(name: String, file: String) {
    let captured = CapturedConsole()
    #expect(captured.run("verify", path(name, file)) == .success)
    #expect(!captured.output.text.contains("FAILED"))
  }

  @Test("readings give the recorded codes and answers", arguments: names)
  func readings(name: String) throws {
    let model = try int8Model(name)
    try check(name, "golden.csv", model) { cells in
      let readings = try cells.map { try #require(Float($0)) }
      return model.codes(readings[...])
    }
  }

  @Test("sensor counts give the recorded codes and answers", arguments: names)
  func counts(name: String) throws {
    let model = try int8Model(name)
    let runtime = try FirmwareRuntime(image: try model.image.serialized())
    try check(name, "golden-counts.csv", model) { cells in
      let counts = try cells.map { try #require(Int32($0)) }
      let codes = Int8Inference(model.image).input(counts: counts)
      let found = runtime.codes(ofCounts: counts)
      #expect(found == codes)
      return try #require(codes)
    }
  }

  /// Compares the reference and the C runtime with the rows of a table: features, the true label,
  /// the answer, its probability or score, the output codes.
  private func check(
    _ name: String, _ file: String, _ model: Int8Model, input: ([Substring]) throws -> [Int16]
  ) throws {
    let reference = Int8Inference(model.image)
    var runtime = try FirmwareRuntime(image: try model.image.serialized())
    let table = path(name, file)
    let contents = try #require(text(of: table))
    let rows = contents.split(separator: "\n").map { $0.split(separator: ",") }
    let heading = model.features.map(\.name) + ["label", "answer", "value"]
    #expect(rows[0].prefix(heading.count) == heading.map { $0[...] }[...])
    #expect(rows.count == 17)
    for row in rows.dropFirst() {
      let codes = try input(Array(row.prefix(model.features.count)))
      let expected = try row.dropFirst(heading.count).map { try #require(Int16($0)) }
      #expect(reference.run(codes) == expected)
      let found = runtime.run(codes)
      #expect(found == expected)
      let verdict = reference.verdict(input: codes, output: expected)
      guard case .label(let label, _) = verdict else {
        Issue.record("\(verdict) is no label")
        continue
      }
      #expect(model.task.labels[label] == row[heading.count - 2])
    }
  }

  private func int8Model(_ name: String) throws -> Int8Model {
    let bytes = try readFile(path(name, "model.int8.bin"), limit: FormatLimit.file)
    guard case .int8(let model) = try Model(parsing: bytes) else {
      throw ModelFormatError.missingSection(.image)
    }
    return model
  }

  private func path(_ name: String, _ file: String) -> String {
    "\(packageRoot)/models/\(name)/\(file)"
  }
}
