// SPDX-License-Identifier: Apache-2.0
import NNQFormat
import NNQTestSupport
import Testing

@testable import NNQCommands

/// Each task from a table to verified codes, through the verbs that a user types.
@Suite struct PipelineTests {
  @Test(
    "train, quantize, eval, diff, predict, verify, inspect and bench run through",
    arguments: ModelTask.Kind.allCases)
  func pipeline(kind: ModelTask.Kind) throws {
    let files = TrainedModel.of(kind).files()
    for model in [files.float, files.int8] {
      expectSuccess(nnq("eval", model, files.test))
      expectSuccess(nnq("verify", model))
      expectSuccess(nnq("inspect", model))
      let predicted = nnq("predict", model, files.test)
      expectSuccess(predicted)
      #expect(predicted.output.split(separator: "\n").count == 61)
    }
    expectSuccess(nnq("verify", files.image))
    expectSuccess(nnq("inspect", files.image))
    expectSuccess(nnq("diff", files.float, files.int8))
    expectSuccess(nnq("diff", files.float, files.int8, files.test))
    expectSuccess(
      nnq("export", files.int8, "--to", "image", "-o", files.folder("exported.image")))
    #expect(files.folder.bytes("exported.image") == TrainedModel.of(kind).image)
    expectSuccess(nnq("bench", files.float, files.int8, files.image, "--batch", "1"))
  }

  @Test(
    "what is learnt is better than chance, and int8 keeps it", arguments: ModelTask.Kind.allCases)
  func quality(kind: ModelTask.Kind) throws {
    let files = TrainedModel.of(kind).files()
    let (name, atLeast) =
      switch kind {
      case .binary: ("accuracy", 0.85)
      case .multiclass: ("accuracy", 0.7)
      case .multilabel: ("micro_f1", 0.75)
      case .regression: ("r2", 0.5)
      case .anomaly: ("roc_auc", 0.9)
      }
    for model in [files.float, files.int8] {
      let answer = nnq("eval", model, files.test, "--json", "--min", "\(name)=\(atLeast)")
      #expect(answer.code == 0, "\(answer.output) \(answer.errors)")
    }
  }

  @Test("simulated data goes the whole way")
  func simulated() throws {
    let folder = TemporaryFolder()
    expectSuccess(nnq("simulate", "motor", "-o", folder("motor.csv"), "--rows", "300"))
    expectSuccess(
      nnq("simulate", "motor", "-o", folder("test.csv"), "--rows", "100", "--seed", "1"))
    expectSuccess(nnq("train", folder("motor.csv"), "-o", folder("model.bin"), "--epochs", "20"))
    expectSuccess(nnq("quantize", folder("model.bin")))
    #expect(folder.names == ["model.bin", "model.int8.bin", "motor.csv", "test.csv"])
    let answer = nnq(
      "eval", folder("model.int8.bin"), folder("test.csv"), "--min", "accuracy=0.6")
    #expect(answer.code == 0, "\(answer.output) \(answer.errors)")
    expectSuccess(nnq("verify", folder("model.int8.bin")))
  }

  @Test(
    "training twice gives the same bytes, another seed gives others",
    arguments: ModelTask.Kind.allCases)
  func sameBytes(kind: ModelTask.Kind) throws {
    let folder = TemporaryFolder()
    let table = folder.put(SampleTable(kind, rows: 90, seed: 21).csv, in: "train.csv")
    for (name, seed) in [("a", "7"), ("b", "7"), ("c", "8")] {
      expectSuccess(
        nnq("train", table, "-o", folder("\(name).bin"), "--epochs", "3", "--seed", seed))
      expectSuccess(nnq("quantize", folder("\(name).bin")))
    }
    #expect(folder.bytes("a.bin") == folder.bytes("b.bin"))
    #expect(folder.bytes("a.int8.bin") == folder.bytes("b.int8.bin"))
    #expect(folder.bytes("a.bin") != folder.bytes("c.bin"))
  }

  @Test(
    "the C runtime gives the reference's codes for every row", arguments: ModelTask.Kind.allCases)
  func parity(kind: ModelTask.Kind) throws {
    let trained = TrainedModel.of(kind)
    let files = trained.files()
    let answer = nnq("predict", files.int8, files.test, "--codes")
    expectSuccess(answer)
    let codes = answer.output.split(separator: "\n").dropFirst().map { line in
      line.split(separator: ",").compactMap { Int16($0) }
    }
    #expect(codes == (try referenceCodes(trained.int8, trained.test)))
  }

  @Test("sensor counts give the decisions of the readings that they stand for")
  func counts() throws {
    let folder = TemporaryFolder()
    var random = TestRandom(seed: 5)
    let counts = (0..<120).map { _ in
      [Int.random(in: 0...4095, using: &random), Int.random(in: -500...500, using: &random)]
    }
    let readings = counts.map { [Double($0[0]) * 0.25 - 10, Double($0[1]) * 0.5] }
    let table = SampleTable(
      header: ["level", "flow", "label"],
      rows: readings.map { ["\($0[0])", "\($0[1])", $0[0] > 500 ? "high" : "low"] })
    folder.put(table.csv, in: "train.csv")
    let raw = SampleTable(header: ["level", "flow"], rows: counts.map { $0.map { "\($0)" } })
    folder.put(raw.csv, in: "counts.csv")
    expectSuccess(
      nnq(
        "train", folder("train.csv"), "-o", folder("m.bin"), "--epochs", "20", "--counts",
        "level=0.25:-10@0..4095", "--counts", "flow=0.5@-500..500", "--unit", "level=cm"))
    expectSuccess(nnq("quantize", folder("m.bin")))
    let fromReadings = nnq("predict", folder("m.int8.bin"), folder("train.csv"), "--codes")
    let fromCounts = nnq(
      "predict", folder("m.int8.bin"), folder("counts.csv"), "--counts", "--codes")
    expectSuccess(fromCounts)
    // Both paths round to an input code once; a tie may fall to another side in a few rows.
    let pairs = zip(
      fromReadings.output.split(separator: "\n").dropFirst().compactMap { Int($0) },
      fromCounts.output.split(separator: "\n").dropFirst().compactMap { Int($0) })
    #expect(pairs.count { _ in true } == 120)
    #expect(pairs.count { $0 != $1 } <= 6)
    let inspected = try nnq("inspect", folder("m.int8.bin"), "--json").json()
    #expect(inspected["features"]?.elements.first?["unit"]?.string == "cm")
    #expect(inspected["features"]?.elements.first?["counts"]?["maximum"]?.double == 4095)

    expect(
      nnq("predict", folder("m.int8.bin"), folder("train.csv"), "--counts"), .badInput,
      "\(folder("train.csv")):2: column \"level\": \"\(table.rows[0][0])\" is not a 32-bit count")
  }
}
