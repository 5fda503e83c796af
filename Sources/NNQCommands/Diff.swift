// SPDX-License-Identifier: Apache-2.0
import NNQFormat
import NNQReference
import NNQWords

extension Command {
  static let diff = Command(
    name: "diff", summary: "Compare the outputs of two models row by row",
    arguments: [
      Argument(
        name: "A", help: "A float or int8 model, .onnx or .tflite, the one to compare with"),
      Argument(name: "B", help: "Another; with --outputs the rows to run stand here"),
      Argument(
        name: "DATA.csv", help: "Rows to run, or input codes; those in the models when left out",
        count: .optional),
    ],
    options: [
      .file("--outputs", "FILE.npy", "Compare A with what another runtime answered"),
      .choice(
        "--semantics", RoundingRule.allCases.map(\.rawValue),
        "Run the int8 model A in the reference under this rounding rule"),
      .value("--max-flips", "SHARE", "Exit with 1 when more decisions differ, for example 0.2%"),
      .ignore,
      .flag("--json", "Print the comparison as one JSON object"),
    ],
    discussion: [
      "A network of another format takes its names and its task from the other side, and its"
        + " columns in their order where neither side has names. Codes in an int8 or int16 .npy go"
        + " into int8 models as they are.",
      "With codes in --outputs every rounding rule is tried: nnq rounds once (as LiteRT's reference"
        + " kernels do), tflite-double twice (TFLite Micro, CMSIS-NN), litert-float in binary32"
        + " (XNNPACK).",
    ],
    examples: [
      Example(
        "nnq diff model.bin model.int8.bin test.csv --max-flips 0.2%",
        "Fail a build when more than 0.2 % of the decisions change"),
      Example("nnq diff net.onnx model.bin test.csv", "Show that an import changed nothing"),
      Example(
        "nnq diff model.int8.bin codes.npy --outputs vendor.npy",
        "Find out how a vendor's kernels round"),
    ]
  ) { arguments, console in
    let difference = try Difference(arguments)
    let comparison = difference.comparison
    if arguments.flag("--json") {
      try console.print(comparison.json(difference.matches))
    } else {
      try console.write(comparison.text(difference.matches, style: console.style))
    }
    guard let limit = difference.limit, let flips = comparison.flips, flips > limit else {
      return .success
    }
    console.warn(
      "\(Format.percent(flips)) of the decisions differ, above --max-flips "
        + Format.percent(limit))
    return .no
  }
}

/// The work of `nnq diff`.
private struct Difference {
  let comparison: Comparison
  /// Empty without codes in `--outputs`.
  var matches: [RuleMatch] = []
  let limit: Double?

  init(_ arguments: ParsedArguments) throws {
    limit = try arguments.fractionIfGiven("--max-flips")
    let rule = arguments.stringIfGiven("--semantics").flatMap(RoundingRule.init)
    guard let outputs = arguments.stringIfGiven("--outputs") else {
      comparison = try Self.compare(arguments, rule)
      return
    }
    if let extra = arguments.argumentIfGiven("DATA.csv") {
      throw arguments.command.usageFailure(
        "unexpected argument \(quoted(extra))", hint: "with --outputs: nnq diff A DATA.csv")
    }
    let file = try ComparedFile(arguments.argument("A"))
    let input = try file.input(like: nil)
    let model = try input.comparedPredictor(rule ?? file.rule(input))
    try arguments.checkDecisions(model.task.kind)
    let rows = try ComparedRows(
      arguments.argument("B"), [model], hasNames: file.own != nil,
      ignored: try arguments.ignoredColumns(features: model.features))
    let given = try GivenOutputs(outputs, model, rows: rows.rows)
    // Without a task of its own a network of codes is one of classes where it ends in a softmax.
    guard file.own != nil || given.codes(0) == nil || model.task.kind != .multiclass else {
      throw Failure(
        .badInput,
        "\(named(outputs)): codes of probabilities where nnq answers in codes of logits, as "
          + "\(named(input.path)) ends in a softmax",
        hint: "give the probabilities as real numbers, (code - zero point) * scale")
    }
    let (first, second) = given.sides(model, rows)
    comparison = Comparison(first, second)
    matches = try RuleMatch.all(input, rows, given)
  }

  private static func compare(
    _ arguments: ParsedArguments, _ rule: RoundingRule?
  ) throws -> Comparison {
    let files = (
      try ComparedFile(arguments.argument("A")), try ComparedFile(arguments.argument("B"))
    )
    let first = try files.0.input(like: files.1.own)
    let second = try files.1.input(like: first)
    let a = try first.comparedPredictor(rule ?? files.0.rule(first))
    let b = try second.comparedPredictor(files.1.rule(second))
    guard a.isComparable(with: b) else {
      throw Failure(
        .badInput, "\(second.path): another task or other features than \(first.path)",
        hint: "diff compares two models of the same features and outputs")
    }
    try arguments.checkDecisions(a.task.kind)
    let path = arguments.argumentIfGiven("DATA.csv")
    let ignored = try arguments.ignoredColumns(features: a.features, hasTable: path != nil)
    let rows: ComparedRows
    if let path {
      let hasNames = files.0.own != nil || files.1.own != nil
      rows = try ComparedRows(path, [a, b], hasNames: hasNames, ignored: ignored)
    } else if let own = first.calibrationRows ?? second.calibrationRows {
      rows = ComparedRows(own)
    } else {
      throw Failure(.usage, "neither model carries rows to compare on", hint: "give DATA.csv")
    }
    return Comparison(
      ComparisonSide(a, rows, unitFactors: first.unitFactors(against: second)),
      ComparisonSide(b, rows, unitFactors: second.unitFactors(against: first)))
  }
}

extension ParsedArguments {
  /// Refuses a limit of flips where nothing can flip.
  fileprivate func checkDecisions(_ kind: ModelTask.Kind) throws(Failure) {
    guard isGiven("--max-flips"), kind == .regression else { return }
    throw command.usageFailure(
      "--max-flips: the task regression makes no decisions",
      hint: "check sqnr_db or max_abs_error of --json; for a network of a classifier that ends in"
        + " logits give the model that import wrote with --task")
  }
}

extension ComparedFile {
  /// What runs an int8 network of another format: the reference.
  fileprivate func rule(_ input: ModelInput) -> RoundingRule? {
    own == nil && input.model.image != nil ? .nnq : nil
  }
}

extension Predictor {
  /// Whether two models answer the same question; a flat image knows no names.
  fileprivate func isComparable(with other: any Predictor) -> Bool {
    guard task.kind == other.task.kind, outputCount == other.outputCount else { return false }
    let images = [self as? Int8Predictor, other as? Int8Predictor].compactMap { $0?.image }
    if features.isEmpty || other.features.isEmpty {
      return images.count == 2 && images[0].inputs == images[1].inputs
    }
    return features.map(\.name) == other.features.map(\.name)
      && task.labels == other.task.labels && task.targets == other.task.targets
  }
}

extension ModelInput {
  /// The calibration rows that a float model carries.
  fileprivate var calibrationRows: ModelRows? {
    guard case .float(let model) = model, let calibration = model.calibration else { return nil }
    return ModelRows(path: path, rows: calibration.rows, readings: calibration.readings)
  }
}
