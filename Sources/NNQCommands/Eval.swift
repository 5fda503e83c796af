// SPDX-License-Identifier: Apache-2.0
import NNQFiles
import NNQFormat
import NNQState

extension Command {
  static let eval = Command(
    name: "eval", summary: "Measure how well a model predicts labelled rows",
    arguments: [
      Argument(name: "MODEL", help: "A float or int8 model"),
      Argument(name: "DATA.csv", help: "Rows with the target columns"),
    ],
    options: [
      .list(
        "--min", "METRIC=VALUE", "Exit with 1 when the metric is below the value",
        isRepeatable: true),
      .list(
        "--max", "METRIC=VALUE", "Exit with 1 when the metric is above the value",
        isRepeatable: true),
      .list(
        "--target", "COL[,COL]", "The columns that hold the truth",
        initial: .described("those that the model names")),
      .ignore,
      .file(
        "--state", "FILE",
        "Write what the rows and the answers looked like in counts, for nnq state"),
      .flag("--json", "Print the metrics as one JSON object"),
    ],
    discussion: [
      "An int8 model runs in the C runtime that a device runs, so the metrics are the device's."
    ],
    examples: [
      Example("nnq eval model.int8.bin test.csv", "Print the metrics of the int8 model"),
      Example(
        "nnq eval model.int8.bin test.csv --min accuracy=0.95 --min macro_f1=0.9",
        "Fail a build when the model is not good enough"),
      Example(
        "nnq eval model.int8.bin march.csv --state march.state",
        "Keep the counts of a month for nnq state report"),
    ]
  ) { arguments, console in
    let input = try ModelInput(arguments.argument("MODEL"))
    let predictor = try input.predictor()
    let limits = try MetricLimits(
      arguments, names: Metrics.names(for: predictor.task, kind: .rank))
    let path = arguments.argument("DATA.csv")
    let named = try arguments.list("--target")
    let targets = named.isEmpty ? predictor.task.targets : named
    guard targets.count == predictor.task.targets.count else {
      throw arguments.bad(
        "--target", named.joined(separator: ","),
        "names \(named.count) columns where the model has \(predictor.task.targets.count) targets")
    }
    guard !targets.contains("") else {
      throw Failure(
        .usage, "the model names no target column", hint: "name it with --target")
    }
    let rows = try ModelRows(
      path, features: predictor.features, targets: targets,
      ignored: try arguments.ignoredColumns(features: predictor.features))
    let truths = try Truths(predictor.task, rows.targets, rows: rows.rows, of: path)
    let start = monotonicNanoseconds()
    let predictions = rows.predictions(predictor)
    let seconds = Double(monotonicNanoseconds() - start) / 1e9
    if let file = arguments.stringIfGiven("--state") {
      let state = try naming(input.path) { try input.state(of: rows, predictions) }
      try naming(file) { try writeFile(try state.serialized(), to: file) }
    }
    let metrics = evaluate(predictions, truths, predictor.task)
    if arguments.flag("--json") {
      try console.print(
        JSON.answer([
          "rows": .integer(rows.rows),
          "model": ["kind": .string(input.kind), "sha256": .string(try input.identity())],
          "metrics": metrics.json,
          "kernel": .string(predictor.kernel),
          "seconds": .number(seconds),
        ]))
    } else {
      var table = Table([.text("metric"), .number("value")])
      for (name, value) in metrics.defined {
        table.add([name, Format.significant(value, digits: 6)])
      }
      try console.write(table.text(style: console.style))
      console.note(
        "\(rows.rows) rows, \(input.kind), kernel \(predictor.kernel), "
          + "\(Format.time(seconds: seconds))")
    }
    if let note = metrics.note { console.note(note) }
    let misses = limits.misses(metrics)
    for miss in misses { console.warn(miss) }
    return misses.isEmpty ? .success : .no
  }
}
