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
    #expect(json.keys == ["schema", "rows", "features", "task", "serious", "findings", "fix"])
    #expect(json["serious"]?.double == 1 && json["task"]?.string == "multiclass")
    let finding = try #require(json["findings"]?.elements.first)
    #expect(finding.keys == ["kind", "severity", "columns", "rows", "fact", "fix"])
    #expect(finding["kind"]?.string == "counter")
  }

  @Test("columns of text are found one by one, and one command cures them all")
  func text() throws {
    let folder = TemporaryFolder()
    let clean = SampleTable(.multiclass, rows: 240, seed: 11)
    let table = folder.put(
      SampleTable(
        header: ["\"part, no\"", "when", "grade", "machine_id"] + clean.header,
        rows: clean.rows.enumerated().map { row, cells in
          [
            "p\(row)", "2024-01-01T00:\(row / 60 + 10):\(row % 60 + 10)",
            row % 3 == 0 && row > 0 ? "7" : "x", "\((row * 7_919_777 + 12_345) % 1_000_003)",
          ] + cells
        }
      ).csv, in: "a table.csv")
    let answer = nnq("check", table, "--seed", "3")
    #expect(answer.code == 1, "\(answer.errors)")
    for (column, fact) in [
      ("part, no", "240 different values, too many"), ("when", "240 different values, too many"),
      ("grade", "2 different values, few enough"), ("machine_id", "whole numbers that stand once"),
    ] {
      let line = answer.output.split(separator: "\n").first { $0.contains("\"\(column)\": ") }
      #expect(
        line?.hasPrefix("serious") == true && line?.contains(fact) == true, "\(answer.output)")
    }
    let options = [
      "--seed", "3", "--ignore", "\"part, no\",when,machine_id", "--categorical", "grade",
    ]
    #expect(
      answer.output.contains(
        "fix all: nnq train '\(table)' --seed 3 --ignore '\"part, no\",when,machine_id'"
          + " --categorical grade\n"), "\(answer.output)")
    #expect(nnq(["check", table] + options).code == 0)
    expectSuccess(
      nnq(["train", table] + options + ["--epochs", "1", "-o", folder("m.bin"), "--quiet"]))
  }

  @Test("a fix keeps what was given and leaves a feature")
  func fixes() throws {
    let folder = TemporaryFolder()
    let one = folder.put("a,b,label\n1,2,x\n", in: "one.csv")
    let answer = nnq("check", one)
    #expect(answer.code == 1)
    #expect(answer.output.contains("rows: 1, and training needs at least 2"), "\(answer.output)")
    #expect(!answer.output.contains("--ignore"))

    let clean = SampleTable(.multiclass, rows: 120, seed: 2)
    let table = folder.put(
      SampleTable(
        header: ["t", "my class"] + clean.header.dropLast(),
        rows: clean.rows.enumerated().map {
          ["\(Double($0) * 0.5)", $1.last ?? ""] + $1.dropLast()
        }
      ).csv, in: "t.csv")
    let timed = nnq("check", table, "--target", "my class", "--validation", "0.2")
    #expect(
      timed.output.contains(
        "fix: nnq train \(table) --target 'my class' --validation 0.2 --ignore t\n"),
      "\(timed.output)\(timed.errors)")
    #expect(!timed.output.contains("in whole numbers"))
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
