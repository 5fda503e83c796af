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
}
