// SPDX-License-Identifier: Apache-2.0
import NNQTestSupport
import Testing

@testable import NNQCommands

/// Columns of text among the features, from the table to the exported model.
@Suite struct CategoryTests {
  private let folder = TemporaryFolder()

  private static func table(rows: Int, seed: UInt64) -> SampleTable {
    var random = TestRandom(seed: seed)
    let fuels = [("diesel", 0.0), ("gas", 3), ("petrol, unleaded", -2)]
    return SampleTable(
      header: ["rpm", "fuel", "site", "target"],
      rows: (0..<rows).map { row in
        let (fuel, effect) = fuels[row % 3]
        let rpm = random.normal()
        let site = [7, 12][row / 3 % 2]
        let answer = (site == 7 ? rpm : -rpm) + effect
        return ["\(Float(1500 + 200 * rpm))", "\"\(fuel)\"", "\(site)", "\(Float(answer))"]
      })
  }

  private func trained(_ options: [String] = []) -> (train: String, test: String) {
    let train = folder.put(Self.table(rows: 600, seed: 1).csv, in: "train.csv")
    let test = folder.put(Self.table(rows: 120, seed: 2).csv, in: "test.csv")
    expectSuccess(
      nnq(
        [
          "train", train, "-o", folder("m.bin"), "--categorical", "site", "--hidden", "16",
          "--epochs", "60", "--learning-rate", "0.02",
        ] + options))
    expectSuccess(nnq("quantize", folder("m.bin"), "-o", folder("q.bin"), "--quiet"))
    return (train, test)
  }

  @Test("a table with text trains, quantizes, and is answered by both models")
  func roundTrip() throws {
    let (_, test) = trained()
    // Without the columns of categories the deviation of the target would be left: more than 2.
    for model in ["m.bin", "q.bin"] {
      expectSuccess(nnq("eval", folder(model), test, "--max", "rmse=0.5"))
      #expect(nnq("predict", folder(model), test).output.split(separator: "\n").count == 121)
    }
    expectSuccess(nnq("diff", folder("m.bin"), folder("q.bin"), test))
    let inspected = nnq("inspect", folder("q.bin"))
    #expect(inspected.output.contains("fuel: diesel, gas, petrol, unleaded"))
    #expect(inspected.output.contains("site: 7, 12"))
    let json = try JSONValue(parsing: nnq("inspect", folder("m.bin"), "--json").output)
    #expect(json["categories"]?["site"] == .array([.string("7"), .string("12")]))
  }

  @Test("a value that training did not see is named with its row and the known ones")
  func unseen() {
    let (_, test) = trained()
    let table = Self.table(rows: 5, seed: 3)
    let path = folder.put(table.with("coal", row: 3, column: "fuel").csv, in: "unseen.csv")
    for model in ["m.bin", "q.bin"] {
      for words in [["eval", folder(model), path], ["predict", folder(model), path]] {
        expect(
          nnq(words), .badInput,
          "\(path):5: column \"fuel\": \"coal\" is none of the values that the model knows:"
            + " \"diesel\", \"gas\", \"petrol, unleaded\"",
          hint: "train with rows of this value, or leave such rows out")
      }
    }
    let number = folder.put(table.with("8", row: 0, column: "site").csv, in: "number.csv")
    expect(
      nnq("diff", folder("m.bin"), folder("q.bin"), number), .badInput,
      "\(number):2: column \"site\": \"8\" is none of the values that the model knows: \"7\", \"12\""
    )
    expectSuccess(nnq("eval", folder("m.bin"), test))
  }

  @Test("exported models take the features of 0 and 1")
  func export() throws {
    _ = trained()
    expectSuccess(nnq("export", folder("q.bin"), "--to", "c", "-o", folder("m.c")))
    let source = folder.bytes("m.c").map { String(decoding: $0, as: UTF8.self) } ?? ""
    #expect(source.contains("fuel=petrol, unleaded") && source.contains("site=12"))
    expectSuccess(nnq("export", folder("m.bin"), "--to", "onnx", "-o", folder("m.onnx")))
    expectSuccess(nnq("import", folder("m.onnx"), "-o", folder("back.bin")))
    let encoded = SampleTable(
      header: ["rpm", "fuel=diesel", "fuel=gas", "fuel=petrol", "site=7", "site=12"],
      rows: [["1500.5", "0", "1", "0", "0", "1"], ["1310", "1", "0", "0", "1", "0"]])
    var renamed = encoded
    renamed.header[3] = "fuel=petrol, unleaded"
    renamed.header = renamed.header.map { $0.contains(",") ? "\"\($0)\"" : $0 }
    let path = folder.put(renamed.csv, in: "encoded.csv")
    let text = folder.put(
      "rpm,fuel,site\n1500.5,gas,12\n1310,diesel,7\n", in: "text.csv")
    let answers = nnq("predict", folder("m.bin"), text)
    expectSuccess(answers)
    #expect(nnq("predict", folder("m.bin"), path).output == answers.output)
    let diff = nnq("diff", folder("m.bin"), folder("m.onnx"), path)
    #expect(diff.code == 0, "\(diff.errors)")
  }

  @Test("a device counts categories as 0 and 1")
  func counts() {
    _ = trained(["--counts", "*=0.5"])
    let counted = folder.put("rpm,fuel,site\n3001,gas,12\n", in: "counted.csv")
    let read = folder.put("rpm,fuel,site\n1500.5,gas,12\n", in: "read.csv")
    let answer = nnq("predict", folder("q.bin"), counted, "--counts", "--json")
    expectSuccess(answer)
    #expect(answer.output == nnq("predict", folder("q.bin"), read, "--json").output)
  }

  @Test("a table that the memory does not hold is refused with what fits and what to do")
  func memory() {
    let path = folder.put(Self.table(rows: 5000, seed: 4).csv, in: "long.csv")
    let answer = nnq("train", path, "-o", folder("long.bin"), "--memory", "24.2M")
    #expect(answer.code == ExitCode.badInput.rawValue)
    #expect(answer.errors.contains("long.csv: 5000 rows of 3 features take about 24."))
    #expect(answer.errors.contains("24.2 MiB hold 2796 rows"), "\(answer.errors)")
    #expect(answer.errors.contains("awk 'NR%2==1'"), "\(answer.errors)")
    #expect(folder.bytes("long.bin") == nil)
    #expect(nnq("train", path, "--memory", "lots").code == ExitCode.usage.rawValue)
  }

  @Test("a resumed checkpoint that does not fit is named")
  func resume() {
    let train = folder.put(Self.table(rows: 60, seed: 5).csv, in: "train.csv")
    let other = folder.put(Self.table(rows: 60, seed: 6).csv, in: "other.csv")
    let words = ["--hidden", "4", "--epochs", "2", "--quiet", "-o", folder("m.bin"), "--force"]
    expectSuccess(nnq(["train", train, "--checkpoint", folder("kept")] + words))
    expect(
      nnq(["train", other, "--resume", folder("kept")] + words), .badInput,
      "\(folder("kept")): the checkpoint is of other rows than these",
      hint: "resume with the table that the training began with")
    expect(
      nnq(["train", train, "--resume", folder("kept"), "--seed", "1"] + words), .usage,
      "\(folder("kept")): the checkpoint was made with --seed 0, not with --seed 1")
    for (options, made, asked) in [
      (["--learning-rate", "0.5"], "without --learning-rate", "with --learning-rate 0.5"),
      (["--reproducible"], "without --reproducible", "with --reproducible"),
      (["--activation", "leaky-relu"], "without --activation", "with --activation leaky-relu"),
      (["--optimizer", "adam"], "with --optimizer adamw", "with --optimizer adam"),
      (["--schedule", "warmup-cosine"], "with --schedule cosine", "with --schedule warmup-cosine"),
      (["--missing", "mean"], "with --missing refuse", "with --missing mean"),
      (["--time-ordered"], "without --time-ordered", "with --time-ordered"),
      (["--clip-norm", "3"], "without --clip-norm", "with --clip-norm 3.0"),
    ] {
      expect(
        nnq(["train", train, "--resume", folder("kept")] + options + words), .usage,
        "\(folder("kept")): the checkpoint was made \(made), not \(asked)")
    }
    expect(
      nnq(["train", train, "--resume", folder("kept")] + words.map { $0 == "2" ? "3" : $0 }),
      .usage,
      "\(folder("kept")): the checkpoint was made with --epochs 2, not with --epochs 3")
    expect(
      nnq(["train", other, "--resume", folder("kept")] + words.map { $0 == "4" ? "5" : $0 }),
      .badInput, "\(folder("kept")): the checkpoint is of other rows than these")
  }
}
