// SPDX-License-Identifier: Apache-2.0
import NNQFormat
import NNQTestSupport
import Testing

@testable import NNQCommands

@Suite struct CheckTests {
  @Test(
    "a table without a fault exits with 0",
    arguments: [ModelTask.Kind.multiclass, .regression, .anomaly])
  func clean(kind: ModelTask.Kind) {
    let folder = TemporaryFolder()
    let table = folder.put(SampleTable(kind, rows: 240, seed: 11).csv, in: "t.csv")
    let answer = nnq("check", table)
    #expect(answer.code == 0, "\(answer.output)")
    #expect(!answer.output.contains("serious"))
  }

  @Test("a leak exits with 1, names column and fix, and the fix cures it")
  func leak() throws {
    let folder = TemporaryFolder()
    let clean = SampleTable(.multiclass, rows: 240, seed: 11)
    let table = folder.put(
      SampleTable(
        header: ["id"] + clean.header,
        rows: clean.rows.enumerated().map { ["\($0)"] + $1 }
      ).csv, in: "t.csv")
    let answer = nnq("check", table)
    #expect(answer.code == 1)
    #expect(answer.output.contains("serious  \"id\": only rises or only falls"))
    #expect(answer.output.contains("fix: nnq train \(table) --ignore id\n"))
    #expect(nnq("check", table, "--ignore", "id").code == 0)
    expectSuccess(
      nnq("train", table, "--ignore", "id", "--epochs", "2", "-o", folder("m.bin"), "--quiet"))
    #expect(nnq("eval", folder("m.bin"), table, "--ignore", "id").code == 0)

    let json = try nnq("check", table, "--json").json()
    #expect(json.keys == ["schema", "rows", "features", "task", "serious", "findings"])
    #expect(json["serious"]?.double == 1 && json["task"]?.string == "multiclass")
    let finding = try #require(json["findings"]?.elements.first)
    #expect(finding.keys == ["kind", "severity", "columns", "rows", "fact", "fix"])
    #expect(finding["kind"]?.string == "counter")
  }

  @Test("a label that is one feature above a limit is told by it")
  func tellTale() {
    let folder = TemporaryFolder()
    let table = folder.put(SampleTable(.binary, rows: 240, seed: 11).csv, in: "t.csv")
    let answer = nnq("check", table)
    #expect(answer.code == 1)
    #expect(answer.output.hasPrefix("serious  \"temp\": alone gives \"label\" on rows"))
    #expect(nnq("check", table, "--ignore", "temp").code == 0)
  }

  @Test("what train refuses is a finding, what cannot be read an error")
  func refused() {
    let folder = TemporaryFolder()
    let clean = SampleTable(.multiclass, rows: 60, seed: 1)
    let holed = folder.put(clean.with("", row: 7, column: "temp").csv, in: "holed.csv")
    let answer = nnq("check", holed)
    #expect(answer.code == 1)
    #expect(
      answer.output.contains("1 readings are missing in 1 rows, for example row 8"),
      "\(answer.output)")
    #expect(answer.output.contains("--missing median"))
    #expect(nnq("check", holed, "--missing", "median").code == 0)
    let one = folder.put(
      SampleTable(header: clean.header, rows: clean.rows.map { $0.dropLast() + ["x"] }).csv,
      in: "one.csv")
    #expect(nnq("check", one, "--task", "binary").code == 1)
    #expect(nnq("check", one).code == 0)
    let words = folder.put(clean.with("n/a?", row: 7, column: "temp").csv, in: "words.csv")
    #expect(nnq("check", words).code == 3)
    #expect(nnq("check", holed, "--group", "site").code == 3)
  }
}
