// SPDX-License-Identifier: Apache-2.0
import NNQFormat
import NNQTestSupport
import Testing

@testable import NNQCommands

@Suite struct QuantizeAwareTests {
  private static let words = [
    "--hidden", "12,8", "--epochs", "20", "--learning-rate", "0.01", "--quantize-aware", "4",
  ]

  /// A folder with a table of three classes.
  private static func folder() -> (folder: TemporaryFolder, table: String) {
    let folder = TemporaryFolder()
    return (folder, folder.put(SampleTable(.multiclass, rows: 200, seed: 31).csv, in: "train.csv"))
  }

  @Test("quantize makes the model that train measured, and options make another one with a warning")
  func quantize() throws {
    let (folder, table) = Self.folder()
    let trained = nnq(["train", table, "-o", folder("m.bin"), "--json"] + Self.words)
    expectSuccess(trained)
    let json = try JSONValue(parsing: trained.output)
    guard case .string(let identity)? = json["quantize_aware"]?["int8_sha256"] else {
      Issue.record("no identity in \(trained.output)")
      return
    }
    #expect(json["quantize_aware"]?["plain"]?["pass"] == .number(0))
    let made = nnq("quantize", folder("m.bin"), "--json")
    #expect(try JSONValue(parsing: made.output)["sha256"] == .string(identity))
    #expect(made.errors.contains("its integers were trained, so they are taken as they are"))
    let rebuilt = nnq("verify", folder("m.int8.bin"), "--rebuild", folder("m.bin"))
    expectSuccess(rebuilt)
    let other = nnq("quantize", folder("m.bin"), "-o", folder("o.bin"), "--weights", "8")
    #expect(other.errors.contains("warning: "))
    #expect(other.errors.contains("--weights makes others of it"))
  }

  @Test("a training that is resumed from its checkpoint ends in the same bytes")
  func resume() {
    let (folder, table) = Self.folder()
    let words = ["train", table] + Self.words + ["--reproducible"]
    expectSuccess(
      nnq(words + ["-o", folder("a.bin"), "--checkpoint", folder("checkpoint"), "--quiet"]))
    expectSuccess(
      nnq(words + ["-o", folder("b.bin"), "--resume", folder("checkpoint"), "--quiet"]))
    #expect(folder.bytes("a.bin") != nil && folder.bytes("a.bin") == folder.bytes("b.bin"))
  }

  @Test(
    "what is not supported is refused before anything is trained",
    arguments: [
      (["--activation", "swiglu"], "trains dense layers alone, not gate"),
      (["--normalization", "layer"], "trains dense layers alone, not layer"),
      (["--residual"], "trains dense layers alone, not add"),
      (["--validation", "0"], "needs rows held back: they choose the best pass"),
      (["--overfit", "8"], "exclude each other"),
    ])
  func refused(options: [String], sentence: String) {
    let (folder, table) = Self.folder()
    let answer = nnq(["train", table, "-o", folder("m.bin")] + Self.words + options)
    #expect(answer.code == ExitCode.usage.rawValue)
    #expect(answer.errors.contains(sentence), "\(answer.errors)")
    #expect(folder.bytes("m.bin") == nil)
  }
}
