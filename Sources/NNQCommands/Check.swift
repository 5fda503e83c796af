// SPDX-License-Identifier: Apache-2.0
import NNQData
import NNQFormat
import NNQTrain
import NNQWords

extension Command {
  static let check = Command(
    name: "check", summary: "Look for leaks and faults in a table before training on it",
    arguments: [
      Argument(name: "DATA.csv", help: "The training rows: .csv, .csv.zst, .npy or -")
    ],
    options: [
      .list(
        "--target", "COL[,COL]", "The columns to predict",
        initial: .described("those named label... or target...")),
      .choice(
        "--task", ["auto", "binary", "multiclass", "multilabel", "regression", "anomaly"],
        "What is to be learnt; auto finds it in the target columns", initial: "auto"),
      .ignore, .categorical, .memory,
      .value(
        "--validation", "SHARE", "Share of the rows that training will hold back",
        initial: .value("0.15")),
      .flag(
        "--time-ordered", "Training will hold back the last rows", excludes: ["--group"]),
      .value(
        "--group", "COL", "Training will hold back whole groups: rows equal in this column",
        excludes: ["--time-ordered"]),
      .choice(
        "--missing", ["refuse", "mean", "median"],
        "What a missing reading will become in training", initial: "refuse"),
      .value("--seed", "S", "Seed that training will have", initial: .value("0")),
      .flag("--json", "Print the findings as one JSON object"),
    ],
    discussion: [
      "Give the options of the train that is to follow: the rows held back are the same. Exits with 1"
        + " when a finding is serious: columns that number the rows or tell the target, rows on both"
        + " sides of the split, and whatever train refuses. Cautions and notes leave it at 0.",
      "Near twins are rows whose readings all agree to a fiftieth of a standard deviation.",
    ],
    examples: [
      Example("nnq check motor.csv", "Look through a table"),
      Example(
        "nnq check plant.csv --target PE --task regression --group machine",
        "Look through it with the options that train will have"),
    ]
  ) { arguments, console in
    let path = arguments.argument("DATA.csv")
    var settings = TrainingSettings()
    settings.task = ModelTask.Kind.allCases.first { $0.name == arguments.string("--task") }
    let targets = try arguments.list("--target")
    if !targets.isEmpty { settings.targets = targets }
    settings.validation = try arguments.number("--validation", in: 0...0.9)
    settings.isTimeOrdered = arguments.flag("--time-ordered")
    settings.missingReadings = .init(rawValue: arguments.string("--missing")) ?? .refuse
    settings.seed = UInt64(try arguments.integer("--seed", in: 0...Int.max))
    let ignored = try arguments.list("--ignore")
    let group = arguments.stringIfGiven("--group")
    let data = try Dataset(
      reading: path,
      columns: .training(
        targets: targets, group: group, excluded: ignored,
        categorical: try arguments.list("--categorical"),
        requiresTarget: settings.task != .anomaly),
      limit: try MemoryLimit(arguments, for: .checks))
    let check = DataCheck(data, settings: settings)
    let lines = check.findings.map { CheckedFinding($0, path: path, settings, check.task?.kind) }
    let serious = lines.count { $0.finding.severity == .serious }
    if arguments.flag("--json") {
      try console.print(
        .answer([
          "rows": .integer(data.rows), "features": .integer(data.featureNames.count),
          "task": JSON(check.task?.kind.name), "serious": .integer(serious),
          "findings": .array(lines.map(\.json)),
        ]))
    } else {
      for line in lines { try console.write(line.text(style: console.style)) }
      let task = check.task.map { ", \($0.sentence(data))" } ?? ""
      console.note("\(path): \(data.rows) rows, \(data.featureNames.count) features\(task)")
      if lines.isEmpty { try console.print("\(printable(path)): nothing found") }
    }
    return serious == 0 ? .success : .no
  }
}
