// SPDX-License-Identifier: Apache-2.0
import NNQData
import NNQFormat
import Testing

@testable import NNQTrain

@Suite("Task detection")
struct DetectedTaskTests {
  private let zeroOne = ["0", "1", "1", "0"]

  private func detect(
    _ targets: [Dataset.Target], kind: ModelTask.Kind? = nil, names: [String]? = nil
  ) throws(TrainingError) -> DetectedTask {
    try DetectedTask(in: Tables.counting(targets, rows: 4), kind: kind, targets: names)
  }

  @Test("finds the task in the columns")
  func table() throws {
    let binary = try detect([Tables.column("label", ["on", "off", "off", "on"])])
    #expect(binary.kind == .binary)
    #expect(binary.labels == ["off", "on"])
    #expect(binary.reason == .twoClasses(negative: "off", positive: "on"))

    let multiclass = try detect([Tables.column("label", ["10", "9", "-1", "9"])])
    #expect(multiclass.kind == .multiclass)
    #expect(multiclass.labels == ["-1", "9", "10"])
    #expect(multiclass.reason == .classes(3))

    let mixed = try detect([Tables.column("label", ["10", "9", "x", "9"])])
    #expect(mixed.labels == ["10", "9", "x"])

    let anomaly = try detect([Tables.column("label", ["0", "0", "0", "0"])])
    #expect(anomaly.kind == .anomaly)
    #expect(anomaly.labels == ["0", "anomaly"])
    let several = Tables.column("label", ["fault", "normal", "normal", "wear"])
    #expect(try detect([several], kind: .anomaly).labels == ["normal", "anomaly"])
    let two = Tables.column("label", ["fault", "normal", "normal", "normal"])
    #expect(try detect([two], kind: .anomaly).labels == ["normal", "fault"])
    #expect(anomaly.reason == .oneClass(label: "0"))

    let none = try detect([])
    #expect(none.kind == .anomaly && none.targets.isEmpty && none.reason == .noTarget)

    let labels = try detect([
      Tables.column("label_a", zeroOne), Tables.column("label_b", zeroOne),
    ])
    #expect(labels.kind == .multilabel && labels.targets == [0, 1] && labels.labels.isEmpty)
    #expect(labels.reason == .labelColumns(2))

    let number = try detect([Tables.column("target", ["1.5", "2", "3", "2"])])
    #expect(number.kind == .regression && number.reason == .numbers(columns: 1))
    let wholeNumbers = try detect([Tables.column("target_cycles", zeroOne)])
    #expect(wholeNumbers.kind == .regression)
    let words = try detect([Tables.column("target", ["a", "b", "b", "a"])])
    #expect(words.kind == .binary)
  }

  @Test("a named column holds classes when its cells are words or few whole numbers")
  func namedColumn() throws {
    let state = Tables.column("state", ["2", "1", "0", "0"])
    #expect(try detect([state], names: ["state"]).kind == .multiclass)
    let level = Tables.column("level", ["2.5", "1", "0", "0"])
    #expect(try detect([level], names: ["level"]).kind == .regression)
    #expect(try detect([state, level], names: ["level"]).targets == [1])
    let many = Tables.column("power", (0..<21).map { "\($0)" })
    let task = try DetectedTask(in: Tables.counting([many]), targets: ["power"])
    #expect(task.kind == .regression)
  }

  @Test("labels and targets side by side must be told apart")
  func ambiguity() throws {
    let columns = [
      Tables.column("label", zeroOne), Tables.column("target_x", ["1.5", "2", "3", "4"]),
    ]
    #expect(throws: TrainingError.ambiguousTargets(labels: ["label"], targets: ["target_x"])) {
      try detect(columns)
    }
    #expect(try detect(columns, names: ["label"]).kind == .binary)
    #expect(try detect(columns, kind: .regression).targets == [1])
    #expect(try detect(columns, kind: .binary).targets == [0])
  }

  @Test("the case of a name does not matter")
  func capitals() throws {
    let many = Tables.column("LABEL", (0..<21).map { "\($0)" })
    #expect(try DetectedTask(in: Tables.counting([many])).kind == .multiclass)
    #expect(try detect([Tables.column("Target_cycles", zeroOne)]).kind == .regression)
    let columns = [Tables.column("Label", zeroOne), Tables.column("TARGET", ["1", "2", "3", "4"])]
    #expect(throws: TrainingError.ambiguousTargets(labels: ["Label"], targets: ["TARGET"])) {
      try detect(columns)
    }
    #expect(try detect(columns, kind: .regression).targets == [1])
  }

  @Test("refuses columns that do not suit the task")
  func refusals() {
    let one = Tables.column("label", ["0", "0", "0", "0"])
    #expect(throws: TrainingError.oneClass(target: "label", label: "0")) {
      try detect([one], kind: .binary)
    }
    let three = Tables.column("label", ["0", "1", "2", "0"])
    #expect(throws: TrainingError.tooManyClasses(target: "label", limit: 2, areNumbers: true)) {
      try detect([three], kind: .binary)
    }
    #expect(throws: TrainingError.notZeroOrOne(target: "label", row: 2)) {
      try detect([three], kind: .multilabel)
    }
    #expect(throws: TrainingError.notANumber(target: "target", row: 1)) {
      try detect([Tables.column("target", ["1", "x", "2", "3"])], kind: .regression)
    }
    #expect(throws: TrainingError.noTarget) { try detect([], kind: .binary) }
    #expect(throws: TrainingError.unknownTarget(name: "y")) { try detect([one], names: ["y"]) }
    #expect(throws: TrainingError.severalTargets(names: ["a", "b"], task: .binary)) {
      try detect(
        [Tables.column("a", zeroOne), Tables.column("b", zeroOne)], kind: .binary)
    }
  }
}
