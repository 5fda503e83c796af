// SPDX-License-Identifier: Apache-2.0
import NNQFormat

extension Command {
  static let diff = Command(
    name: "diff", summary: "Compare the outputs of two models row by row",
    arguments: [
      Argument(name: "A", help: "A float or int8 model, the one to compare with"),
      Argument(name: "B", help: "A float or int8 model"),
      Argument(
        name: "DATA.csv", help: "Rows to run; those in the models when left out",
        count: .optional),
    ],
    options: [
      .value("--max-flips", "SHARE", "Exit with 1 when more decisions differ, for example 0.2%"),
      .ignore,
      .flag("--json", "Print the comparison as one JSON object"),
    ],
    examples: [
      Example("nnq diff model.bin model.int8.bin", "Show what quantization changed"),
      Example(
        "nnq diff model.bin model.int8.bin test.csv --max-flips 0.2%",
        "Fail a build when more than 0.2 % of the decisions change"),
    ]
  ) { arguments, console in
    let first = try ModelInput(arguments.argument("A"))
    let second = try ModelInput(arguments.argument("B"))
    let limit = try arguments.fractionIfGiven("--max-flips")
    let (a, b) = (try first.predictor(), try second.predictor())
    guard a.task.kind == b.task.kind, a.features.map(\.name) == b.features.map(\.name),
      a.task.labels == b.task.labels, a.task.targets == b.task.targets
    else {
      throw Failure(
        .badInput, "\(second.path): another task or other features than \(first.path)",
        hint: "diff compares two models of the same features and outputs")
    }
    let path = arguments.argumentIfGiven("DATA.csv")
    let ignored = try arguments.ignoredColumns(features: a.features, hasTable: path != nil)
    let rows =
      if let path {
        try ModelRows(path, features: a.features, targets: nil, ignored: ignored)
      } else if let own = first.calibrationRows ?? second.calibrationRows {
        own
      } else {
        throw Failure(
          .usage, "neither model carries rows to compare on", hint: "give DATA.csv")
      }
    let comparison = Comparison(a, b, rows)
    if arguments.flag("--json") {
      try console.print(comparison.json)
    } else {
      try console.write(comparison.text(style: console.style))
    }
    guard let limit, let flips = comparison.flips, flips > limit else { return .success }
    console.warn(
      "\(Format.percent(flips)) of the decisions differ, above --max-flips "
        + Format.percent(limit))
    return .no
  }
}

extension ModelInput {
  /// The calibration rows that a float model carries.
  fileprivate var calibrationRows: ModelRows? {
    guard case .float(let model) = model, let calibration = model.calibration else { return nil }
    return ModelRows(path: path, rows: calibration.rows, readings: calibration.readings)
  }
}
