// SPDX-License-Identifier: Apache-2.0
import NNQData
import NNQFiles
import NNQFormat
import NNQState
import NNQWords

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
      .ignore, .memory,
    ] + Option.evaluation + [
      .report("the metrics, curves and confusions"),
      .file(
        "--state", "FILE",
        "Write what the rows and the answers looked like in counts, for nnq state"),
      .flag("--json", "Print the metrics as one JSON object"),
    ],
    discussion: [
      "An int8 model runs in the C runtime that a device runs, so the metrics are the device's.",
      "Shares of rows have exact binomial intervals, other metrics those of a bootstrap. --min and"
        + " --max know every metric that is printed or in the JSON, also those of one class or"
        + " target, for example recall.NAME; they look at MODEL as it is.",
      "--json adds to the metrics their intervals, the confusion matrix as counts[truth][decision],"
        + " the reliability in bins of probability, and what --slice, --cost and --fit-temperature"
        + " found, each under its own key.",
      "--importance puts each feature's readings into a random order, --repeats times, and prints how"
        + " much accuracy (of all flags for several labels) is lost or rmse gained. Features that tell"
        + " the same share what they are worth; rmse of several targets is in standard deviations of"
        + " each.",
      "Choose thresholds and temperatures on validation rows: on test rows they make the test"
        + " optimistic.",
    ],
    examples: [
      Example(
        "nnq eval model.int8.bin test.csv --min accuracy=0.95 --min macro_f1=0.9",
        "Fail a build when the model is not good enough"),
      Example(
        "nnq eval model.bin validation.csv --cost fp=1,fn=20 -o careful.bin",
        "Choose the threshold for misses that cost 20 times a wrong alarm, and store it"),
      Example(
        "nnq eval model.int8.bin test.csv --slice machine --importance --report test.html",
        "Measure each machine and what each feature is worth, with curves on a page"),
    ]
  ) { arguments, console in
    let input = try ModelInput(arguments.argument("MODEL"))
    let predictor = try input.predictor()
    let options = try EvaluationOptions(arguments, task: predictor.task.kind)
    let limits = try MetricLimits(
      arguments, known: Outcomes(predictor.task).metrics(cost: options.cost))
    let path = arguments.argument("DATA.csv")
    let reportPath = try arguments.reportPath()
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
      ignored: try arguments.ignoredColumns(features: predictor.features),
      group: arguments.stringIfGiven("--slice"),
      limit: try MemoryLimit(
        arguments,
        for: .evaluation(outputs: max(predictor.task.labels.count, predictor.task.targets.count))))
    let slices = try rows.group.map { try Slices($0, of: path) }
    let truths = try Truths(predictor.task, rows.targets, rows: rows.rows, of: path)
    let start = monotonicNanoseconds()
    let predictions = try rows.checkedPredictions(predictor)
    let seconds = Double(monotonicNanoseconds() - start) / 1e9
    if let file = arguments.stringIfGiven("--state") {
      let state = try naming(input.path) { try input.state(of: rows, predictions) }
      try naming(file) { try writeFile(try state.serialized(), to: file) }
    }
    let outcomes = Outcomes(predictions, truths, predictor.task)
    let change = try ModelChange(input, options, rows, predictions, truths, outcomes)
    let importance =
      options.wantsImportance
      ? Importance(
        predictor, rows, truths, repeats: options.repeats, seed: options.seed, console) : nil
    let evaluation = Evaluation(
      outcomes, options, slices: slices, change: change, importance: importance)
    if let change, let path = options.output {
      try OutputFile(replacing: path).write(model: change.changed.bytes, console)
    }
    if let reportPath {
      let page = Page(
        evaluation, title: "\(input.path): evaluation",
        source: "\(input.kind) on \(rows.rows) rows of \(printable(path)), kernel"
          + " \(predictor.kernel).")
      try page.write(to: reportPath, console)
    }
    if arguments.flag("--json") {
      try console.print(
        .answer(
          [
            ("rows", .integer(rows.rows)),
            ("model", ["kind": .string(input.kind), "sha256": .string(try input.identity())]),
          ] + evaluation.json + [
            // After all that names metrics too: scripts that search the line find these.
            ("metrics", evaluation.whole.metrics.json), ("kernel", .string(predictor.kernel)),
            ("seconds", .number(seconds)),
          ]))
    } else {
      try console.write(
        evaluation.text(style: console.style, details: arguments.flag("--details")))
      console.note(
        "\(rows.rows) rows, \(input.kind), kernel \(predictor.kernel), "
          + "\(Format.time(seconds: seconds))")
    }
    let metrics = evaluation.whole.metrics
    if let note = metrics.note { console.note(note) }
    if let caution = change?.caution { console.warn(caution) }
    let misses = limits.misses(metrics)
    for miss in misses { console.warn(miss) }
    return misses.isEmpty ? .success : .no
  }
}
