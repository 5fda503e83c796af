// SPDX-License-Identifier: Apache-2.0
import NNQData
import NNQFormat
import NNQTestSupport
import Testing

@testable import NNQTrain

/// Each rule finds what was planted, and a clean table gives nothing.
@Suite struct DataCheckTests {
  /// 600 rows of four noisy readings, a label that depends on two of them, and what is planted.
  private func table(
    rows: Int = 600, adding more: [(name: String, values: [Float])] = [],
    label: ((Int, [Float]) -> String)? = nil
  ) -> Dataset {
    var random = TestRandom(seed: 3)
    var readings: [Float] = []
    var words: [String] = []
    for row in 0..<rows {
      let own = (0..<4).map { _ in Float(random.normal()) }
      readings += own + more.map { $0.values[row] }
      let isHot = own[0] + own[1] + Float(random.normal()) > 0
      words.append(label?(row, own) ?? (isHot ? "hot" : "cold"))
    }
    var vocabulary: [String] = []
    let labels = words.map { word in
      if let index = vocabulary.firstIndex(of: word) { return Int32(index) }
      vocabulary.append(word)
      return Int32(vocabulary.count - 1)
    }
    return Dataset(
      featureNames: ["a", "b", "c", "d"] + more.map(\.name), rows: rows, readings: readings,
      targets: [
        Dataset.Target(
          name: "label", values: words.map { Float($0) ?? .nan }, labels: labels,
          vocabulary: vocabulary, isNumeric: false)
      ])
  }

  private func findings(
    _ data: Dataset, _ change: (inout TrainingSettings) -> Void = { _ in }
  ) -> [DataFinding] {
    var settings = TrainingSettings()
    change(&settings)
    return DataCheck(data, settings: settings).findings
  }

  private func values(_ value: (Int) -> Float) -> [Float] { (0..<600).map(value) }

  @Test("a clean table gives nothing, whatever the seed of the split")
  func clean() {
    for seed in 0..<5 as Range<UInt64> {
      #expect(findings(table()) { $0.seed = seed } == [])
      #expect(findings(table()) { $0.isTimeOrdered = true } == [])
    }
  }

  @Test("columns that count the rows or tell the time are counters")
  func counters() {
    for (values, isWhole) in [
      (values { Float($0) }, true), (values { Float(2000 - 3 * $0) }, true),
      (values { Float($0) * 0.1 + 5 }, false),
      // Seconds since 1970 are steps in a binary32, and whole whatever the table has.
      (values { 1.7e9 + Float($0 * 60) }, false),
    ] {
      let found = findings(table(adding: [("t", values)]))
      #expect(
        found.contains(
          DataFinding(.counter(isWhole: isWhole), .serious, columns: ["t"])), "\(found)")
    }
    // It turns once; or it is a slow reading of few values.
    #expect(findings(table(adding: [("t", values { abs(Float($0) - 10.5) * 1.5 })])) == [])
    #expect(findings(table(adding: [("t", values { Float($0 / 100) })])) == [])
  }

  @Test("whole numbers that were handed out once each are serial numbers, counts are not")
  func identifiers() {
    let shuffled = values { Float(($0 * 389) % 600) }
    #expect(
      findings(table(adding: [("id", shuffled)])) == [
        DataFinding(.identifier, .serious, columns: ["id"])
      ])
    // Counts of a converter, some of them twice, lie in a wide range.
    var random = TestRandom(seed: 9)
    let counts = values { _ in (Float(random.normal()) * 900).rounded() }
    #expect(findings(table(adding: [("adc", counts)])) == [])
    // So are numbers of devices; a name tells them from readings.
    let sparse = values { Float(($0 * 7_919_777) % 1_000_003) }
    for name in ["device_id", "deviceID", "Serial No", "unit-uuid"] {
      #expect(
        findings(table(adding: [(name, sparse)])).contains(
          DataFinding(.identifier, .serious, columns: [name])), "\(name)")
    }
    for name in ["adc", "humidity", "idle", "grid", "video"] {
      #expect(!findings(table(adding: [(name, sparse)])).contains { $0.kind == .identifier })
    }
  }

  @Test("a feature that is made of the label is found, one that is only good is not")
  func tellTales() {
    let data = table()
    let labels = data.targets[0].labels ?? []
    var random = TestRandom(seed: 5)
    let leak = labels.map { Float($0) * 3 + 0.2 * Float(random.normal()) }
    let found = findings(table(adding: [("leak", leak)]))
    #expect(found.map(\.columns) == [["leak"]])
    guard case .tellsTarget("label", let score)? = found.first?.kind else {
      Issue.record("\(found)")
      return
    }
    #expect(score >= 0.995)
    // One of fifty is wrong.
    let good = labels.map { label in
      Float(Double.random(in: 0..<1, using: &random) < 0.02 ? 1 - label : label) * 3 + 0.2
        * Float(random.normal())
    }
    #expect(findings(table(adding: [("good", good)])) == [])
  }

  @Test("many features that are as good make an easy task, not a leak")
  func easy() {
    let labels = table().targets[0].labels ?? []
    var random = TestRandom(seed: 6)
    let more = (0..<4).map { index in
      (name: "e\(index)", values: labels.map { Float($0) * 3 + 0.2 * Float(random.normal()) })
    }
    #expect(
      findings(table(adding: more)) == [
        DataFinding(
          .easyTarget(target: "label", features: 4), .note, columns: ["e0", "e1", "e2", "e3"])
      ])
  }

  @Test("a quantity that follows from one feature is found")
  func numbers() {
    var data = table()
    for (values, isFound) in [
      (data.column(2).map { $0 * $0 + 2 * $0 }, true),
      (zip(data.column(2), data.column(3)).map { $0 * $0 + 0.1 * $1 }, false),
    ] {
      data.targets = [
        Dataset.Target(
          name: "target", values: values, labels: nil, vocabulary: [], isNumeric: true)
      ]
      let found = findings(data)
      #expect(found.map(\.columns) == (isFound ? [["c"]] : []), "\(found)")
    }
  }

  @Test("rows that stand twice are twins across a random split; slow rows only there")
  func twins() {
    var copied = table()
    copied.readings.replaceSubrange(1200..., with: copied.readings[..<1200])
    let found = findings(copied)
    guard case .twins(let share, let apart)? = found.first(where: { !$0.rows.isEmpty })?.kind
    else {
      Issue.record("\(found)")
      return
    }
    // A row's copy is fitted with the chance 0.85; 90 rows are held back.
    #expect(share > 0.7 && apart > 0.7)
    #expect(found.first?.severity == .serious)
    // Each row is the one before and a little more, over a hundred standard deviations.
    let slow = (0..<4).map { index in
      (name: "s\(index)", values: values { Float($0 / 4) + Float($0 % 4) * 1e-3 })
    }
    let data = table(adding: slow)
    let names = ["a", "b", "c", "d"]
    let kept = Dataset(
      featureNames: slow.map(\.name), rows: data.rows,
      readings: data.readings.indices.filter { $0 % 8 >= names.count }.map { data.readings[$0] },
      targets: data.targets)
    let neighbours = findings(kept).compactMap { finding -> (Double, Double)? in
      guard case .twins(let share, let apart) = finding.kind else { return nil }
      return (share, apart)
    }
    #expect(neighbours.count == 1 && neighbours.allSatisfy { $0.0 > 0.9 && $0.1 < 0.05 })
    let ordered = findings(kept) { $0.isTimeOrdered = true }
    #expect(!ordered.contains { if case .twins = $0.kind { true } else { false } })
  }

  @Test("coarse readings meet by chance, which is no twin")
  func chance() {
    var random = TestRandom(seed: 7)
    let rows = 600
    let data = Dataset(
      featureNames: ["p", "q"], rows: rows,
      readings: (0..<2 * rows).map { _ in
        Float((Double.random(in: 0..<1, using: &random) * 6).rounded())
      },
      targets: table().targets)
    #expect(!findings(data).contains { if case .twins = $0.kind { true } else { false } })
  }

  @Test("classes: too few rows, one that is nearly all, one alone, more than rows")
  func classes() {
    #expect(
      findings(table { row, _ in row < 4 ? "rare" : row % 2 == 0 ? "x" : "y" }) == [
        DataFinding(.smallClasses([("rare", 4)]), .caution, columns: ["label"])
      ])
    #expect(
      findings(table { row, _ in row % 25 == 0 ? "x" : "y" }) == [
        DataFinding(.imbalance(label: "y", share: 0.96), .caution, columns: ["label"])
      ])
    #expect(
      findings(table { _, _ in "x" }) == [
        DataFinding(.oneClass(label: "x"), .note, columns: ["label"])
      ])
    let one = findings(table { _, _ in "x" }) { $0.task = .binary }
    #expect(
      one == [DataFinding(.refused(.oneClass(target: "label", label: "x")), .serious)])
    let many = findings(table { row, _ in "c\(row)" })
    #expect(
      many == [
        DataFinding(
          .refused(
            .moreClassesThanRows(target: "label", classes: 600, rows: 510, areNumbers: false)),
          .serious,
          columns: ["label"])
      ])
  }

  @Test("features that never change, that are others again, and scales far apart")
  func features() {
    let data = table()
    let scaled = data.column(1).map { -1.8 * $0 + 32 }
    #expect(
      findings(table(adding: [("still", values { _ in 7 }), ("b2", scaled)])) == [
        DataFinding(.constant, .caution, columns: ["still"]),
        DataFinding(.duplicates(of: ["b"]), .caution, columns: ["b2"]),
      ])
    // 8 bits of noise on top of b are another feature.
    let near = zip(data.column(1), data.column(2)).map { $0 + $1 / 256 }
    #expect(findings(table(adding: [("near", near)])) == [])
    var random = TestRandom(seed: 8)
    let large = values { _ in 1e6 * Float(random.normal()) }
    let kinds = findings(table(adding: [("large", large)])).map(\.kind)
    guard case .spread(let factor, "large", _)? = kinds.first, kinds.count == 1 else {
      Issue.record("\(kinds)")
      return
    }
    // Two standard deviations of 600 rows are within 10 % of their ratio.
    #expect(abs(factor / 1e6 - 1) < 0.1)
    let far = values { _ in 1e6 + Float(random.normal()) }
    let coarse = findings(table(adding: [("far", far)]))
    #expect(coarse.map(\.columns) == [["far"]])
    guard case .coarse(let steps)? = coarse.first?.kind else {
      Issue.record("\(coarse)")
      return
    }
    // A binary32 near 10^6 has steps of 1/16.
    #expect(abs(steps / 16 - 1) < 0.1)
  }

  @Test("missing readings stop training unless it is told what they become")
  func missing() {
    var holed = values { Float(($0 * 7919) % 601) / 7 }
    for row in [3, 40, 599] { holed[row] = .nan }
    let data = table(adding: [("holed", holed)])
    let expected = DataFinding(
      .missing(readings: 3, rows: 3), .serious, columns: ["holed"], rows: [3, 40, 599])
    #expect(findings(data) == [expected])
    #expect(findings(data) { $0.missingReadings = .median }.map(\.severity) == [.note])
    let empty = findings(table(adding: [("empty", values { _ in .nan })]))
    #expect(empty.contains { $0.kind == .refused(.featureWithoutReadings(name: "empty")) })
  }

  @Test("rows of the same readings and other labels cannot be told apart")
  func contradictions() {
    let data = table { row, _ in row % 2 == 0 ? "x" : "y" }
    var same = data
    for row in 0..<30 {
      same.readings.replaceSubrange(
        (2 * row + 1) * 4..<(2 * row + 2) * 4, with: data.readings[2 * row * 4..<(2 * row + 1) * 4])
    }
    #expect(findings(same).contains(DataFinding(.contradictions(share: 0.05), .caution)))
  }

  @Test("any table is looked through without a trap")
  func hostile() {
    var random = TestRandom(seed: 10)
    let odd: [Float] = [0, -0.0, 1, .nan, 3e38, -3e38, .leastNonzeroMagnitude, .infinity]
    for rows in [1, 2, 3, 19, 50, 90] {
      for _ in 0..<20 {
        func pick() -> Float { odd[Int.random(in: 0..<odd.count, using: &random)] }
        let data = Dataset(
          featureNames: ["p", "q"], rows: rows, readings: (0..<2 * rows).map { _ in pick() },
          targets: [
            Dataset.Target(
              name: "target", values: (0..<rows).map { _ in pick() }, labels: nil, vocabulary: [],
              isNumeric: true)
          ])
        for kind in [nil, ModelTask.Kind.regression, .anomaly, .multiclass] {
          _ = findings(data) { $0.task = kind }
        }
      }
    }
  }
}
