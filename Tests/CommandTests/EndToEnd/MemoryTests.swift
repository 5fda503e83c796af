// SPDX-License-Identifier: Apache-2.0
import NNQData
import NNQTestSupport
import Testing

@testable import NNQCommands

/// `--memory`: what is held, what goes to a file, and what is refused with the rows that fit.
@Suite struct MemoryTests {
  let folder = TemporaryFolder()

  /// A table of ten readings and a label.
  private func table(rows: Int) -> String {
    var random = TestRandom(seed: 12)
    let table = SampleTable(
      header: (0..<10).map { "s\($0)" } + ["label"],
      rows: (0..<rows).map { _ in
        let x = (0..<10).map { _ in Float(random.normal()) }
        return x.map { "\($0)" } + [x[0] > x[1] ? "up" : "down"]
      })
    return folder.put(table.csv, in: "t.csv")
  }

  private func train(_ path: String, _ model: String, _ options: [String] = []) -> Answer {
    nnq(["train", path, "-o", folder(model), "--epochs", "2", "--hidden", "6"] + options)
  }

  @Test("a table that memory does not hold trains from a file to the same model")
  func filed() {
    let path = table(rows: 3000)
    let held = train(path, "held.bin")
    expectSuccess(held)
    let filed = train(path, "filed.bin", ["--memory", "24.2M"])
    expectSuccess(filed)
    let note = ": its readings are in a temporary file: memory does not hold them"
    #expect(!held.errors.contains(note) && filed.errors.contains(note), "\(filed.errors)")
    #expect(folder.bytes("held.bin") == folder.bytes("filed.bin"))
  }

  @Test("a table beyond that is refused with the rows that fit and what to do")
  func tooMany() {
    let answer = train(table(rows: 5000), "m.bin", ["--memory", "24.2M"])
    expect(
      answer, .badInput,
      "\(folder("t.csv")): 5000 rows of 10 features take about 24.2 MiB, and 24.2 MiB hold 4766 rows",
      hint: "take one row in 2, as awk 'NR%2==1' hands them on, leave columns out with --ignore,"
        + " or allow more with --memory")
    #expect(folder.bytes("m.bin") == nil)
  }

  @Test("what holds the rows in forms of its own is refused sooner")
  func heldAlone() {
    let path = table(rows: 3000)
    for options in [["--report", folder("r.html")], ["--quantize-aware", "4"]] {
      let answer = train(path, "m.bin", ["--memory", "24.2M"] + options)
      #expect(answer.code == ExitCode.badInput.rawValue)
      #expect(answer.errors.contains("and 24.2 MiB hold 1519 rows"), "\(answer.errors)")
    }
  }

  @Test("checks and evaluations have limits of their own")
  func others() {
    let path = table(rows: 3000)
    expectSuccess(train(path, "m.bin"))
    let eval = nnq("eval", folder("m.bin"), path, "--memory", "24.2M")
    #expect(eval.code == ExitCode.badInput.rawValue)
    #expect(eval.errors.contains("and 24.2 MiB hold 455 rows"), "\(eval.errors)")
    let check = nnq("check", path, "--memory", "24.2M")
    #expect(check.code == ExitCode.badInput.rawValue)
    #expect(check.errors.contains("and 24.2 MiB hold 1165 rows"), "\(check.errors)")
    expectSuccess(nnq("eval", folder("m.bin"), path, "--memory", "32M"))
    #expect(nnq("check", path, "--memory", "32M").code != ExitCode.badInput.rawValue)
  }

  @Test("a NumPy array is refused by its header")
  func numPy() {
    let text = "{'descr': '<f4', 'fortran_order': False, 'shape': (3000000, 10), }\n"
    let header = NumPyArray.magic + [1, 0, UInt8(text.utf8.count), 0] + Array(text.utf8)
    let path = folder.put(header, in: "x.npy")
    let answer = nnq(
      "train", path, "-o", folder("m.bin"), "--task", "anomaly", "--memory", "100M")
    #expect(answer.code == ExitCode.badInput.rawValue)
    #expect(
      answer.errors.contains("x.npy: 3000000 rows of 10 features take about"), "\(answer.errors)")
  }
}
