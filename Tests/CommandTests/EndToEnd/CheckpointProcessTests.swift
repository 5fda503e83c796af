// SPDX-License-Identifier: Apache-2.0
import Glibc
import NNQTestSupport
import Testing

@testable import NNQCommands

@Suite("A killed training", .enabled(if: ChildProcess.isThere, "the program is not built"))
struct CheckpointProcessTests {
  @Test("goes on from its checkpoint to the same bytes")
  func killed() throws {
    let folder = TemporaryFolder()
    expectSuccess(nnq("simulate", "motor", "-o", folder("t.csv"), "--rows", "400"))
    let words = [
      "train", folder("t.csv"), "--hidden", "16,16", "--epochs", "60", "--batch", "32", "--dropout",
      "0.1", "--learning-rate", "0.005",
    ]
    expectSuccess(nnq(words + ["-o", folder("whole.bin")]))
    let child = ChildProcess(
      "\"$NNQ\" \(words.joined(separator: " ")) -o \(folder("cut.bin")) --quiet"
        + " --checkpoint \(folder("checkpoint")) --log /dev/stdout & echo $!; wait")
    let process = try #require(child.line().flatMap { Int32($0) })
    // A pass is logged when its checkpoint is written.
    for _ in 0..<3 { #expect(child.line() != nil) }
    kill(process, SIGKILL)
    _ = child.finish()
    #expect(folder.bytes("cut.bin") == nil)
    expectSuccess(
      nnq(
        words + [
          "-o", folder("cut.bin"), "--resume", folder("checkpoint"), "--log", folder("log"),
        ]))
    let first = try #require(folder.text("log")?.split(separator: "\n").first)
    guard case .number(let epoch)? = try JSONValue(parsing: String(first))["epoch"] else {
      Issue.record("no epoch in \(first)")
      return
    }
    #expect(epoch > 3)
    #expect(folder.bytes("cut.bin") == folder.bytes("whole.bin"))
  }

  @Test("keeps its log's lines up to the checkpoint's pass")
  func log() throws {
    let folder = TemporaryFolder()
    func line(_ epoch: Int) -> String { "{\"schema\": 1, \"epoch\": \(epoch), \"x\": 2}\n" }
    let three = (1...3).map(line).joined()
    for (standing, kept) in [
      (three, three), (three + line(4) + line(5), three), (three + line(4) + line(2), three),
      (three + "{\"schema\": 1, \"epo", three), (line(1) + line(2), line(1) + line(2)), ("", ""),
      ("other text\n", ""), (line(4), ""),
    ] {
      let path = folder.put(standing, in: "log")
      _ = try TrainLog(path, after: 3)
      #expect(folder.text("log") == kept)
    }
    _ = try TrainLog(folder.put(three, in: "log"), after: nil)
    #expect(folder.text("log") == "")
    _ = try TrainLog(folder("new"), after: 3)
    #expect(folder.text("new") == "")

    expectSuccess(nnq("simulate", "motor", "-o", folder("t.csv"), "--rows", "200"))
    let words = [
      "train", folder("t.csv"), "--hidden", "4", "-o", folder("m.bin"), "--log", folder("log"),
    ]
    let five = words + ["--epochs", "5"]
    expectSuccess(nnq(five + ["--checkpoint", folder("checkpoint")]))
    let whole = try #require(folder.text("log"))
    expectSuccess(nnq(five + ["--resume", folder("checkpoint")]))
    #expect(folder.text("log") == whole)
    // A checkpoint that does not fit leaves the log alone.
    #expect(nnq(words + ["--epochs", "6", "--resume", folder("checkpoint")]).code == 2)
    #expect(folder.text("log") == whole)
  }
}
