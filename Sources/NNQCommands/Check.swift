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
        + " sides of the split, and whatever train refuses. The fix at the end cures all that options can. Cautions and notes leave it at 0.",
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
    let table = try CheckedTable(arguments, requiresTarget: settings.task != .anomaly)
    let data = table.data
    let check = DataCheck(data, settings: settings)
    var together = CheckRemedy()
    let lines = try (table.findings + check.findings).map { finding in
      var line = CheckedFinding(finding, path: path, settings, check.task?.kind)
      if let remedy = line.remedy(of: data) {
        together.add(remedy)
        line.command = try remedy.command(arguments, features: data.featureNames)
      }
      return line
    }
    let commands = Set(lines.compactMap(\.command))
    let whole =
      commands.isEmpty ? nil : try together.command(arguments, features: data.featureNames)
    let serious = lines.count { $0.finding.severity == .serious }
    if arguments.flag("--json") {
      try console.print(
        .answer([
          "rows": .integer(data.rows), "features": .integer(data.featureNames.count),
          "task": JSON(check.task?.kind.name), "serious": .integer(serious),
          "findings": .array(lines.map(\.json)), "fix": JSON(whole),
        ]))
    } else {
      for line in lines { try console.write(line.text(style: console.style)) }
      if commands.count > 1, let whole { try console.print("fix all: \(printable(whole))") }
      let task = check.task.map { ", \($0.sentence(data))" } ?? ""
      console.note("\(path): \(data.rows) rows, \(data.featureNames.count) features\(task)")
      if lines.isEmpty { try console.print("\(printable(path)): nothing found") }
    }
    return serious == 0 ? .success : .no
  }
}
