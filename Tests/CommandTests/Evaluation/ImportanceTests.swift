// SPDX-License-Identifier: Apache-2.0
import NNQFormat
import NNQTestSupport
import Testing

@testable import NNQCommands

@Suite struct ImportanceTests {
  @Test("a feature that does not matter has an importance of about 0, one that does more")
  func planted() throws {
    // The label is whether temp is above 55; current and rms_x have nothing to do with it.
    let files = TrainedModel.of(.binary).files()
    for model in [files.float, files.int8] {
      let answer = nnq(
        "eval", model, files.test, "--importance", "--repeats", "8", "--resamples", "0", "--json")
      expectSuccess(answer)
      let json = try #require(try answer.json()["importance"])
      #expect(json.keys == ["metric", "value", "repeats", "features"])
      #expect(json["metric"]?.string == "accuracy" && json["repeats"]?.double == 8)
      let features = json["features"]?.elements ?? []
      #expect(features.count == 4)
      let first = try #require(features.first)
      #expect(first["name"]?.string == "temp")
      #expect((first["interval"]?.elements.first?.double ?? 0) > 0.05)
      for name in ["current", "rms_x"] {
        let feature = try #require(features.first { $0["name"]?.string == name })
        let ends = (feature["interval"]?.elements ?? []).compactMap(\.double)
        #expect(ends.count == 2 && ends[0] <= 0 && ends[1] >= 0, "\(name): \(ends)")
      }
    }
  }

  @Test("a feature that the model does not see costs exactly nothing")
  func unseen() throws {
    let folder = TemporaryFolder()
    let sample = SampleTable(.regression, rows: 120, seed: 4)
    let fixed = SampleTable(
      header: ["fixed"] + sample.header, rows: sample.rows.map { ["7"] + $0 })
    folder.put(fixed.csv, in: "t.csv")
    expectSuccess(
      nnq("train", folder("t.csv"), "-o", folder("m.bin"), "--epochs", "20", "--hidden", "8"))
    let other = SampleTable(
      header: fixed.header,
      rows: fixed.rows.enumerated().map { ["\($0)"] + $1.dropFirst() })
    folder.put(other.csv, in: "other.csv")
    let json = try nnq(
      "eval", folder("m.bin"), folder("other.csv"), "--importance", "--resamples", "0", "--json"
    ).json()
    let features = json["importance"]?["features"]?.elements ?? []
    let unseen = try #require(features.first { $0["name"]?.string == "fixed" })
    #expect(unseen["importance"]?.double == 0)
    #expect(unseen["interval"]?.elements.map(\.double) == [0, 0])
    #expect((features.first?["importance"]?.double ?? 0) > 0)
  }

  @Test(
    "every task has importances, the same for the same seed", arguments: ModelTask.Kind.allCases)
  func tasks(kind: ModelTask.Kind) {
    let files = TrainedModel.of(kind).files()
    let words = ["eval", files.int8, files.test, "--importance", "--resamples", "0"]
    let answer = nnq(words)
    expectSuccess(answer)
    #expect(answer.output.contains(kind == .regression ? "rmse gained" : "accuracy lost"))
    #expect(answer.output == nnq(words).output)
    #expect(answer.output != nnq(words + ["--seed", "1"]).output)
  }

  @Test(
    "the quantile of Student's distribution is that of tables",
    arguments: [
      (1, 12.7062), (2, 4.30265), (4, 2.77645), (9, 2.26216), (30, 2.04227), (1000, 1.96234),
    ])
  func quantile(freedom: Int, expected: Double) {
    // Half of the last digit of the table's value.
    #expect(abs(studentQuantile(freedom: freedom) - expected) < 0.00006)
  }

  @Test("one value tells no interval, equal values one without width")
  func interval() {
    #expect(StudentInterval([3]).range == nil && !StudentInterval([3]).excludesZero)
    #expect(StudentInterval([3, 3, 3]).range == 3...3)
    let interval = StudentInterval([1, 2, 3])
    #expect(interval.mean == 2)
    // t(2) / sqrt(3)
    #expect(abs((interval.reach ?? 0) - 2.48414) < 0.00001)
  }
}
