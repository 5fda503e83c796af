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
