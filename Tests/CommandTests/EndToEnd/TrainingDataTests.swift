// SPDX-License-Identifier: Apache-2.0
import NNQTestSupport
import Testing

@testable import NNQCommands

/// Tables that are odd to learn from: each trains into a model that goes the whole way, or is
/// refused in one sentence.
@Suite struct TrainingDataTests {
  private static func rows(
    _ header: [String], _ count: Int, _ row: (Int, inout TestRandom) -> [String]
  ) -> SampleTable {
    var random = TestRandom(seed: 51)
    return SampleTable(header: header, rows: (0..<count).map { row($0, &random) })
  }

  private static func real(_ random: inout TestRandom, times scale: Double = 1) -> String {
    "\(Float(random.normal() * scale))"
  }

  struct Odd: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let table: SampleTable
    var options: [String] = []
    /// Nil when it trains.
    var sentence: String? = nil
    var hint: String? = nil

    init(
      _ name: String, _ table: SampleTable, options: [String] = [], refused sentence: String? = nil,
      hint: String? = nil
    ) {
      testDescription = name
      self.table = table
      self.options = options
      self.sentence = sentence
      self.hint = hint
    }
  }

  static let odd: [Odd] = [
    Odd(
      "a single row", rows(["a", "label"], 1) { _, _ in ["1", "x"] },
      refused: ": rows: 1, and training needs at least 2"),
    Odd("two rows", rows(["a", "label"], 2) { row, _ in ["\(row)", "c\(row)"] }),
    Odd(
      "two rows of a regression, one of which is held back",
      rows(["a", "target"], 2) { row, _ in ["\(row)", "\(row)"] },
      refused: ": column \"target\": the target never changes"),
    Odd(
      "two rows of a regression, none held back",
      rows(["a", "target"], 2) { row, _ in ["\(row)", "\(row)"] }, options: ["--validation", "0"]),
    Odd("one class", rows(["a", "label"], 40) { [real(&$1), "ok"] }),
    Odd(
      "one class where two are asked for", rows(["a", "label"], 40) { [real(&$1), "ok"] },
      options: ["--task", "binary"],
      refused: ": column \"label\": all rows are \"ok\"",
      hint: "--task anomaly learns from normal rows alone"),
    Odd(
      "a target that never changes", rows(["a", "target"], 40) { [real(&$1), "5"] },
      refused: ": column \"target\": the target never changes"),
    Odd(
      "a feature that never changes",
      rows(["a", "b", "label"], 40) { [real(&$1), "7", "c\($0 % 2)"] }),
    Odd(
      "no feature that changes", rows(["a", "label"], 40) { row, _ in ["7", "c\(row % 2)"] },
      refused: ": no feature changes in the fitted rows, so that none can tell the target"),
    Odd(
      "as many classes as rows", rows(["a", "label"], 40) { [real(&$1), "c\($0)"] },
      refused: ": column \"label\": 40 classes where only 34 rows are fitted",
      hint:
        "text that is another one in nearly every row is no class: name the target with --target"),
    Odd(
      "more classes than fitted rows", rows(["a", "label"], 60) { [real(&$1), "c\($0 % 55)"] },
      refused: ": column \"label\": 55 classes where only 55 rows are fitted",
      hint:
        "text that is another one in nearly every row is no class: name the target with --target"),
    Odd(
      "no feature", rows(["label"], 40) { row, _ in ["c\(row % 2)"] },
      refused: ": no column is left for a feature"),
    Odd(
      "no target", rows(["a", "b"], 40) { [real(&$1), "\($0)"] },
      refused: ": no column is named label... or target...",
      hint: "name the column to predict with --target"),
    Odd(
      "labels and targets side by side",
      rows(["a", "label", "target"], 40) { [real(&$1), "c\($0 % 2)", "\($0)"] },
      options: ["--task", "regression"]),
    Odd(
      "1,000 columns",
      rows((0..<1000).map { "f\($0)" } + ["label"], 30) { row, random in
        (0..<1000).map { _ in real(&random) } + ["c\(row % 2)"]
      }),
    Odd(
      "readings near the largest binary32",
      rows(["a", "b", "label"], 40) { [real(&$1, times: 1e37), real(&$1), "c\($0 % 2)"] }),
    Odd(
      "readings below the smallest normal binary32",
      rows(["a", "b", "label"], 40) {
        [real(&$1, times: 1e-39), real(&$1, times: 1e-43), "c\($0 % 2)"]
      }),
    Odd(
      "targets near the largest binary32",
      rows(["a", "target"], 40) { [real(&$1), real(&$1, times: 1e37)] }),
    Odd(
      "a class name beyond the format",
      rows(["a", "label"], 40) { [real(&$1), "\($0 % 2)" + String(repeating: "y", count: 5000)] },
      refused: ": section task, item 0: length of label \"5001\""),
    Odd(
      "names with commas, quotes, line ends and other scripts",
      rows(["\"a, \"\"b\"\"\"", "ünï 温度", "\"x\ny\"", "label"], 40) {
        [real(&$1), real(&$1), real(&$1), $0 % 2 == 0 ? "\"p,q\"" : "\"r \"\"s\"\"\""]
      }),
    Odd(
      "a column name as long as the format allows",
      rows([String(repeating: "n", count: 4096), "label"], 40) { [real(&$1), "c\($0 % 2)"] }),
    Odd(
      "a missing reading",
      rows(["a", "b", "label"], 40) { [$0 == 4 ? "" : real(&$1), real(&$1), "c\($0 % 2)"] },
      refused: ": row 5: column \"a\": the reading is missing",
      hint: "--missing mean or --missing median allows that"),
    Odd(
      "missing readings that become the mean",
      rows(["a", "b", "label"], 40) {
        [$0 % 3 == 0 ? "NaN" : real(&$1), real(&$1), "c\($0 % 2)"]
      }, options: ["--missing", "mean"]),
    Odd(
      "missing readings that become the median",
      rows(["a", "b", "label"], 40) {
        [$0 % 3 == 0 ? "" : real(&$1), real(&$1), "c\($0 % 2)"]
      }, options: ["--missing", "median"]),
    Odd(
      "a column without a reading",
      rows(["a", "b", "label"], 40) { ["", real(&$1), "c\($0 % 2)"] },
      options: ["--missing", "mean"],
      refused: ": column \"a\": no reading in the fitted rows"),
    Odd(
      "a multilabel cell that is no flag",
      rows(["a", "label_x", "label_y"], 40) { [real(&$1), "\($0 % 2)", $0 == 7 ? "2" : "0"] },
      options: ["--task", "multilabel"],
      refused: ": row 8: column \"label_y\": neither 0 nor 1"),
    Odd(
      "a regression target that is text",
      rows(["a", "target"], 40) { [real(&$1), $0 == 7 ? "high" : "\($0)"] },
      options: ["--task", "regression"],
      refused: ": row 8: column \"target\": not a finite number"),
    Odd(
      "one group", rows(["a", "site", "label"], 40) { [real(&$1), "1", "c\($0 % 2)"] },
      options: ["--group", "site"],
      refused: ": all rows are of one group, so that none can be held back",
      hint: "leave --group out"),
    Odd(
      "a target that is not there", rows(["a", "label"], 40) { [real(&$1), "c\($0 % 2)"] },
      options: ["--target", "PE"], refused: ":1: column \"PE\" is missing"),
    Odd(
      "labels in capitals", rows(["a", "LABEL"], 40) { [real(&$1), "c\($0 % 2)"] }),
  ]

  @Test("an odd table trains or is refused", arguments: odd)
  func train(odd: Odd) {
    let folder = TemporaryFolder()
    let table = folder.put(odd.table.csv, in: "t.csv")
    let model = folder("m.bin")
    let answer = nnq(
      ["train", table, "-o", model, "--epochs", "2", "--hidden", "6", "--quiet"] + odd.options)
    if let sentence = odd.sentence {
      let file = sentence.contains("section") ? model : table
      expect(answer, .badInput, file + sentence, hint: odd.hint)
      #expect(folder.names == ["t.csv"])
      return
    }
    expectSuccess(answer)
    expectSuccess(nnq("quantize", model))
    for file in [model, folder("m.int8.bin")] {
      expectSuccess(nnq("verify", file))
      let predicted = nnq("predict", file, table)
      expectSuccess(predicted)
      expectSuccess(nnq("eval", file, table))
      #expect(throws: Never.self) { try nnq("inspect", file, "--json").json() }
      for line in nnq("predict", file, table, "--json").output.split(separator: "\n") {
        #expect(throws: Never.self) { try JSONValue(parsing: String(line)) }
      }
    }
    expectSuccess(nnq("diff", model, folder("m.int8.bin")))
    expectSuccess(nnq("diff", model, folder("m.int8.bin"), table))
  }

  @Test("a feature that never changes is named by train and by check, and has no say")
  func constantFeature() {
    let folder = TemporaryFolder()
    func predictions(_ b: String) -> String {
      let table = Self.rows(["a", "b", "label"], 60) { [Self.real(&$1), b, "c\($0 % 2)"] }
      let path = folder.put(table.csv, in: "t.csv")
      if b == "7" {
        let trained = nnq("train", path, "-o", folder("m.bin"), "--epochs", "2")
        expectSuccess(trained)
        let warning = "warning: features that never change in the fitted rows: \"b\"\n"
        #expect(trained.errors.contains(warning), "\(trained.errors)")
        #expect(nnq("check", path).output.contains("\"b\": never change"))
      }
      return nnq("predict", folder("m.bin"), path).output
    }
    #expect(predictions("7") == predictions("1000"))
    folder.put("a,label\n1,x\n1,y\n1,x\n1,y\n1,x\n1,y\n1,x\n1,y\n", in: "c.csv")
    let check = nnq("check", folder("c.csv"))
    #expect(check.code == ExitCode.no.rawValue)
    #expect(check.output.contains("no feature changes in the fitted rows"), "\(check.output)")
  }

  @Test("a missing reading is replaced in use as it was in training")
  func replaced() {
    let folder = TemporaryFolder()
    let table = Self.rows(["a", "b", "label"], 60) { row, random in
      [row % 4 == 0 ? "" : Self.real(&random), Self.real(&random), "c\(row % 2)"]
    }
    folder.put(table.csv, in: "t.csv")
    expectSuccess(
      nnq(
        "train", folder("t.csv"), "-o", folder("m.bin"), "--missing", "median", "--epochs", "2"))
    expectSuccess(nnq("quantize", folder("m.bin")))
    let inspected = try? nnq("inspect", folder("m.bin"), "--json").json()
    let replacement = inspected?["features"]?.elements.first?["replacement"]?.double ?? .nan
    #expect(replacement.isFinite)
    let filled = SampleTable(
      header: table.header,
      rows: table.rows.map { [$0[0].isEmpty ? "\(replacement)" : $0[0]] + $0.dropFirst() })
    folder.put(filled.csv, in: "filled.csv")
    for model in ["m.bin", "m.int8.bin"] {
      let gaps = nnq("predict", folder(model), folder("t.csv"))
      expectSuccess(gaps)
      #expect(gaps.output == nnq("predict", folder(model), folder("filled.csv")).output)
    }
  }

  @Test("counts that do not reach the readings are warned of")
  func unreachedReadings() {
    let folder = TemporaryFolder()
    let table = Self.rows(["a", "b", "label"], 60) { row, _ in
      ["\(row)", "\(-row)", "c\(row % 2)"]
    }
    folder.put(table.csv, in: "t.csv")
    func train(_ counts: String) -> Answer {
      nnq(
        "train", folder("t.csv"), "-o", folder("m.bin"), "--epochs", "1", "--counts", counts)
    }
    let warning = "nnq: warning: readings that the declared counts do not reach: "
    let far = train("a=0.5@0..100,b=1:-59@0..40")
    expectSuccess(far)
    #expect(far.errors.contains(warning + "\"a\", \"b\"\n"), "\(far.errors)")
    let near = train("a=0.5@0..118,b=1:-59@0..59")
    expectSuccess(near)
    #expect(!near.errors.contains(warning), "\(near.errors)")
  }

  @Test("labels that are equal numbers are one, however each table writes them")
  func fractions() throws {
    let folder = TemporaryFolder()
    let table = Self.rows(["a", "label"], 60) { row, random in
      [Self.real(&random), ["1.5", "0.25", "3"][row % 3]]
    }
    let other = SampleTable(
      header: table.header,
      rows: table.rows.map { [$0[0], ["1.5": "1.50", "0.25": ".25", "3": "3.0"][$0[1]] ?? ""] })
    folder.put(table.csv, in: "t.csv")
    folder.put(other.csv, in: "other.csv")
    expectSuccess(nnq("train", folder("t.csv"), "-o", folder("m.bin"), "--epochs", "2"))
    let same = nnq("eval", folder("m.bin"), folder("other.csv"))
    expectSuccess(same)
    #expect(same.output == nnq("eval", folder("m.bin"), folder("t.csv")).output)
  }

  @Test("labels with commas and quotes come back as CSV cells")
  func quotedLabels() {
    let folder = TemporaryFolder()
    let table = Self.rows(["a", "label"], 60) { row, random in
      [
        "\(Float(row % 2 == 0 ? 1 : -1) + Float(random.normal()) / 10)",
        row % 2 == 0 ? "\"p,q\"" : "\"r \"\"s\"\"\"",
      ]
    }
    folder.put(table.csv, in: "t.csv")
    expectSuccess(nnq("train", folder("t.csv"), "-o", folder("m.bin"), "--epochs", "40"))
    let lines = nnq("predict", folder("m.bin"), folder("t.csv")).output.split(separator: "\n")
    #expect(lines[1].hasPrefix("\"p,q\",0."))
    #expect(lines[2].hasPrefix("\"r \"\"s\"\"\",0."))
  }
}
