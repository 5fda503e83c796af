// SPDX-License-Identifier: Apache-2.0
import NNQFormat
import NNQTestSupport
import NNQTrain
import Testing

@testable import NNQCommands

@Suite struct AblateTests {
  private static let quick = [
    "--epochs", "6", "--hidden", "6", "--learning-rate", "0.02", "--quiet",
  ]

  /// A target that is the sum of two features: a network without hidden layers learns it exactly.
  private static func sums(rows: Int, noise: Double) -> SampleTable {
    var random = TestRandom(seed: 8)
    return SampleTable(
      header: ["a", "b", "target"],
      rows: (0..<rows).map { _ in
        let (a, b) = (random.normal(), random.normal())
        return ["\(Float(a))", "\(Float(b))", "\(Float(a + b + noise * random.normal()))"]
      })
  }

  @Test("every task is compared in all aspects", arguments: ModelTask.Kind.allCases)
  func everyTask(kind: ModelTask.Kind) throws {
    let folder = TemporaryFolder()
    let table = folder.put(SampleTable(kind, rows: 120, seed: 11).csv, in: "t.csv")
    let words = ["ablate", table, "--seeds", "0,1", "--epochs", "1", "--hidden", "6", "--quiet"]
    let answer = nnq(words + ["--json"])
    expectSuccess(answer)
    let json = try answer.json()
    #expect(
      json.keys == [
        "schema", "metric", "higher_is_better", "seeds", "confidence", "base", "changes",
        "refused", "conclusions",
      ])
    let changes = json["changes"]?.elements ?? []
    let aspects = Set(changes.compactMap { $0["what"]?.string })
    #expect(aspects == Set(Variant.Aspect.allCases.map(\.rawValue)))
    for change in changes { #expect(change["values"]?.elements.count == 2) }
    #expect(json["refused"]?.elements.isEmpty == true)
    #expect(folder.names == ["t.csv"])
  }

  @Test("intervals end where the metric does", arguments: [ModelTask.Kind.binary, .regression])
  func bounds(kind: ModelTask.Kind) throws {
    let folder = TemporaryFolder()
    let table = folder.put(SampleTable(kind, rows: 30, seed: 7).csv, in: "t.csv")
    let answer = nnq(
      "ablate", table, "--seeds", "0,1", "--only", "width", "--epochs", "1", "--quiet", "--json")
    expectSuccess(answer)
    let json = try answer.json()
    let results = [try #require(json["base"])] + (json["changes"]?.elements ?? [])
    let limits: ClosedRange<Double> =
      json["metric"]?.string == "accuracy" ? 0...1 : -.infinity...1
    for result in results {
      let ends = (result["interval"]?.elements ?? []).compactMap { end -> Double? in
        if case .number(let value) = end { value } else { nil }
      }
      #expect(ends.count == 2 && ends.allSatisfy(limits.contains), "\(ends)")
    }
  }

  @Test("half the width has half the multiplications, and the table says so")
  func width() throws {
    let folder = TemporaryFolder()
    let table = folder.put(Self.sums(rows: 80, noise: 0.1).csv, in: "t.csv")
    let answer = nnq(["ablate", table, "--only", "width", "--seeds", "3,5"] + Self.quick)
    expectSuccess(answer)
    let lines = answer.output.split(separator: "\n")
    #expect(lines[0].hasPrefix("what"))
    // 2-6-1: 18 weights and 7 offsets; 2-3-1: 9 and 4; 2-12-1: 36 and 13.
    for (line, counts) in zip(lines.dropFirst(), ["25  18", "13  9", "49  36"]) {
      let words = line.split(separator: " ").map(String.init)
      let expected = counts.split(separator: " ").map(String.init)
      #expect(Set(expected).isSubset(of: Set(words)), "\(line)")
    }
    #expect(lines[1].hasPrefix("base") && lines[2].contains("half: 3"))
  }

  @Test("the same settings give no difference, found in no change")
  func noDifference() throws {
    // A rate of almost nothing: every change leaves the answers a constant apart from chance.
    let folder = TemporaryFolder()
    let table = folder.put(Self.sums(rows: 120, noise: 3).csv, in: "t.csv")
    let answer = nnq(
      "ablate", table, "--only", "normalization", "--seeds", "0,1,2", "--hidden", "6", "--epochs",
      "3", "--quiet")
    expectSuccess(answer)
    #expect(answer.output.contains("no difference found: none of 2 changes"), "\(answer.output)")
  }

  @Test("a change that matters is named with its interval")
  func difference() throws {
    // A parabola: without a hidden layer nothing can be learnt of it.
    var random = TestRandom(seed: 9)
    let rows = (0..<240).map { _ in
      let a = random.normal()
      return ["\(Float(a))", "\(Float(a * a))"]
    }
    let folder = TemporaryFolder()
    let table = folder.put(SampleTable(header: ["a", "target"], rows: rows).csv, in: "t.csv")
    let answer = nnq(
      "ablate", table, "--only", "depth", "--seeds", "0,1,2", "--hidden", "16", "--epochs", "30",
      "--learning-rate", "0.02", "--quiet")
    expectSuccess(answer)
    #expect(answer.output.contains("depth less: no hidden layer: rmse +"), "\(answer.output)")
    #expect(answer.output.contains("worse than the base by more than the noise of 3 seeds"))
  }

  @Test("without noise the learning curve is flat at its end")
  func flatCurve() throws {
    let folder = TemporaryFolder()
    let table = folder.put(Self.sums(rows: 600, noise: 0).csv, in: "t.csv")
    let answer = nnq(
      "ablate", table, "--only", "rows", "--seeds", "0,1,2,3", "--hidden", "4", "--activation",
      "identity", "--epochs", "40", "--learning-rate", "0.02", "--weight-decay", "0", "--json",
      "--quiet")
    expectSuccess(answer)
    let json = try answer.json()
    let changes = json["changes"]?.elements ?? []
    #expect(changes.compactMap { $0["rows_fitted"]?.double } == [64, 128, 255])
    #expect(json["base"]?["rows_fitted"]?.double == 510)
    // The spread of the target is 1.4; a hundredth of it is nothing to gain.
    let half = try #require(changes.last?["difference"]?.double)
    #expect(abs(half) < 0.014)
  }

  @Test("where rows are few, more of them help")
  func risingCurve() throws {
    // 30 features for 60 rows: every row counts.
    var random = TestRandom(seed: 10)
    let rows = (0..<80).map { _ in
      let features = (0..<30).map { _ in random.normal() }
      return features.map { "\(Float($0))" } + ["\(Float(features.reduce(0, +)))"]
    }
    let folder = TemporaryFolder()
    let table = folder.put(
      SampleTable(header: (0..<30).map { "f\($0)" } + ["target"], rows: rows).csv, in: "t.csv")
    let answer = nnq(
      "ablate", table, "--only", "rows", "--seeds", "0,1,2,3", "--hidden", "4", "--epochs", "60",
      "--activation", "identity", "--learning-rate", "0.01", "--quiet")
    expectSuccess(answer)
    #expect(answer.output.contains("more rows would help: rmse -"), "\(answer.output)")
  }

  @Test("what cannot be compared is refused in one sentence")
  func refused() {
    let folder = TemporaryFolder()
    let table = folder.put(Self.sums(rows: 40, noise: 0).csv, in: "t.csv")
    expect(
      nnq("ablate", table, "--only", "depht"), .usage,
      "ablate: --only: \"depht\" is not one of width, depth, activation, optimizer, normalization,"
        + " rows", hint: "did you mean \"depth\"?")
    expect(
      nnq("ablate", table, "--seeds", "1,1"), .usage, "ablate: --seeds: \"1\" is given twice")
    expect(
      nnq("ablate", table, "--validation", "0"), .usage,
      "ablate: --validation: \"0\" leaves no rows to compare on")
    let one = nnq(["ablate", table, "--only", "width", "--seeds", "4"] + Self.quick)
    expectSuccess(one)
    #expect(one.output.contains("one seed tells nothing of the noise"))
  }

  @Test("a smaller share of rows is part of a larger one, and groups stay whole")
  func shares() throws {
    var settings = TrainingSettings()
    settings.seed = 6
    let base = Variant.all(.rows, of: settings, isAnomaly: false)
    #expect(base.map(\.settings.rowShare) == [0.125, 0.25, 0.5])
    #expect(base.allSatisfy { $0.settings.seed == 6 && $0.settings.hidden == settings.hidden })
    for aspect in Variant.Aspect.allCases {
      let all = Variant.all(aspect, of: settings, isAnomaly: false)
      #expect(!all.isEmpty && all.allSatisfy { $0.settings != settings }, "\(aspect)")
      #expect(Set(all.map(\.name)).count == all.count)
    }
  }
}
