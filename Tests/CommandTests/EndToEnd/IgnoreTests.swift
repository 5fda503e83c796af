// SPDX-License-Identifier: Apache-2.0
import NNQFormat
import NNQTestSupport
import Testing

@testable import NNQCommands

/// Columns that `--ignore` names change no answer, and nothing else becomes legal.
@Suite struct IgnoreTests {
  private let files = TrainedModel.of(.multiclass).files()
  private let stamped: String

  init() {
    let table = TrainedModel.of(.multiclass).test
    stamped = files.folder.put(
      SampleTable(
        header: ["time", "site"] + table.header,
        rows: table.rows.map { ["2026-01-02T03:04", "x"] + $0 }
      ).csv, in: "stamped.csv")
  }

  @Test("predict, eval and diff answer as if the columns were not there")
  func sameAnswers() throws {
    for ignore in [["--ignore", "time,site"], ["--ignore", "time", "--ignore", "site"]] {
      let predicted = nnq(["predict", files.int8, stamped] + ignore)
      expectSuccess(predicted)
      #expect(predicted.output == nnq("predict", files.int8, files.test).output)
      let metrics = try nnq(["eval", files.int8, stamped, "--json"] + ignore).json()["metrics"]
      #expect(metrics == (try nnq("eval", files.int8, files.test, "--json").json()["metrics"]))
      let diff = nnq(["diff", files.float, files.int8, stamped] + ignore)
      expectSuccess(diff)
      #expect(diff.output == nnq("diff", files.float, files.int8, files.test).output)
    }
  }

  @Test("quantize takes its calibration rows from such a table")
  func calibration() {
    let folder = TemporaryFolder()
    for (table, name) in [(stamped, "a.bin"), (files.test, "b.bin")] {
      expectSuccess(
        nnq(
          ["quantize", files.float, "-o", folder(name), "--calibrate", table]
            + (name == "a.bin" ? ["--ignore", "time,site"] : [])))
    }
    #expect(folder.bytes("a.bin") == folder.bytes("b.bin"))
  }

  @Test("the model's targets may stand in any table of rows, whatever they are called")
  func targets() throws {
    let folder = TemporaryFolder()
    var table = SampleTable(.regression, rows: 80, seed: 5)
    table.header = SampleTable.features + ["power", "wear"]
    let whole = folder.put(table.csv, in: "whole.csv")
    let bare = folder.put(table.reordered(SampleTable.features).csv, in: "bare.csv")
    table.header[5] = "other"
    let other = folder.put(table.csv, in: "other.csv")
    let model = folder("model.bin")
    expectSuccess(
      nnq(
        "train", whole, "--target", "power,wear", "-o", model, "--hidden", "4", "--epochs", "2",
        "--quiet"))
    for (rows, name) in [(whole, "a.bin"), (bare, "b.bin")] {
      expectSuccess(nnq("quantize", model, "-o", folder(name), "--calibrate", rows))
      expectSuccess(nnq("verify", folder(name), "--rebuild", model, "--calibrate", rows))
    }
    #expect(folder.bytes("a.bin") == folder.bytes("b.bin"))
    let diff = nnq("diff", model, folder("a.bin"), whole)
    expectSuccess(diff)
    #expect(diff.output == nnq("diff", model, folder("a.bin"), bare).output)
    let found = nnq("doctor", model, whole, "--calibrate", whole)
    let foundBare = nnq("doctor", model, bare, "--calibrate", bare)
    #expect(found.code <= 1 && found.code == foundBare.code)
    for command in [
      ["quantize", model, "-o", folder("c.bin"), "--calibrate", other],
      ["diff", model, folder("a.bin"), other],
    ] {
      expect(
        nnq(command), .badInput, "\(other):1: column \"other\" is neither a feature nor a target")
    }
  }

  @Test("a column that is not named, a feature, and a table that is not there are refused")
  func refused() {
    expect(
      nnq("predict", files.int8, stamped, "--ignore", "time"), .badInput,
      "\(stamped):1: column \"site\" is neither a feature nor a target")
    expect(
      nnq("predict", files.int8, stamped, "--ignore", "time,rms_x"), .usage,
      "predict: --ignore: \"rms_x\" is a feature of the model")
    expect(
      nnq("quantize", files.float, "-o", files.folder("c.bin"), "--ignore", "time"), .usage,
      "quantize: --ignore: \"time\" has no table to stand in")
  }
}
