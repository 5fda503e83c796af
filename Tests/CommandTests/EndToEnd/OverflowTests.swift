// SPDX-License-Identifier: Apache-2.0
import NNQTestSupport
import Testing

@testable import NNQCommands

@Suite struct OverflowTests {
  @Test("readings that overflow the float network are refused, for NaN decides nothing")
  func overflow() {
    let folder = TemporaryFolder()
    var random = TestRandom(seed: 5)
    // On the network's scale a reading of 3e38 is infinite.
    let rows = (0..<80).map { row in
      ["\(Float(random.normal() * 1e-3))", "\(Float(random.normal() * 1e-3))", "c\(row % 2)"]
    }
    let table = SampleTable(header: ["a", "b", "label"], rows: rows)
    let train = folder.put(table.csv, in: "train.csv")
    let (float, int8) = (folder("m.bin"), folder("m.int8.bin"))
    expectSuccess(nnq("train", train, "-o", float, "--epochs", "2", "--quiet"))
    expectSuccess(nnq("quantize", float))
    let path = folder.put(
      table.with("3e38", row: 3, column: "a").with("-3e38", row: 5, column: "b").csv, in: "far.csv")
    for words in [
      ["predict", float, path], ["predict", float, path, "--json"], ["eval", float, path],
    ] {
      let answer = nnq(words)
      expect(
        answer, .badInput, "\(path): row 4: what the model computes is not a finite number",
        hint: "its readings are far beyond those of the training rows")
      #expect(!answer.output.contains("nan"))
    }
    // Codes end where their range does.
    expectSuccess(nnq("predict", int8, path))
    expectSuccess(nnq("eval", int8, path))
  }
}
