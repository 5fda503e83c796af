// SPDX-License-Identifier: Apache-2.0
import Glibc
import NNQFiles
import NNQFormat
import NNQQuantize

extension Command {
  static let quantize = Command(
    name: "quantize", summary: "Turn a float model into an int8 model",
    arguments: [Argument(name: "MODEL", help: "A float model")],
    options: [
      .file(
        "-o", "FILE", "Write the int8 model here",
        initial: .described("model.int8.bin for model.bin")),
      .calibrate("Rows to calibrate with", initial: "those in the model"),
      .ignore,
    ] + Option.quantization + [
      Option(
        name: "--fit", kind: .list, metavar: "flash=SIZE,ram=SIZE,macs=N",
        help: "Take the recipe that loses least and fits; sizes may end in K or M",
        excludes: ["--max-drop"]),
      .value(
        "--max-drop", "P",
        "Take the smallest recipe expected to turn at most this share of decisions (regression:"
          + " to lose this share of R2), for example 0.2%", excludes: ["--fit"]),
      .file("--report", "FILE.html", "Write what was measured as a page"),
      .flag("--force", "Replace a default output file that holds something else"),
      .flag("--json", "Print the report as one JSON object"),
    ],
    examples: [
      Example("nnq quantize model.bin", "Write model.int8.bin"),
      Example(
        "nnq quantize model.bin -o small.bin --output 8 --calibrate field.csv",
        "Calibrate with rows from the field and hand on 8-bit codes"),
    ]
  ) { arguments, console in
    let input = try ModelInput(arguments.argument("MODEL"))
    let model = try input.float(for: "quantize")
    let output = OutputFile(arguments, defaultPath: int8Path(input.path))
    try output.checkWritable()
    let settings = try QuantizationSettings(arguments)
    let ignored = try arguments.ignoredColumns(
      features: model.features, hasTable: arguments.isGiven("--calibrate"))
    let calibration = try CalibrationRows(
      tables: arguments.strings("--calibrate"), for: model, ignored: ignored)
    let budget = try QuantizeBudget(
      arguments, model, settings, calibration, path: input.path)
    if let budget, budget.chosen == nil {
      if arguments.flag("--json") {
        try console.print(budget.unmetJSON)
      } else {
        try console.write(budget.text(style: console.style))
      }
      console.note("no recipe keeps within the budget; \(output.path) is not written")
      return .no
    }
    let trained = arguments.recipe(of: model, input.path, console)
    let (quantized, report) = try naming(input.path) {
      if let trained {
        return try Int8Model.quantizing(
          model, trained.settings, recipe: trained.recipe, calibration: calibration)
      }
      if let point = budget?.chosen {
        return try Int8Model.quantizing(
          model, settings, recipe: point.recipe, calibration: calibration)
      }
      return try Int8Model.quantizing(model, settings, calibration: calibration)
    }
    if report.calibrationRows < Blindness.leastRows {
      console.warn(
        "\(report.calibrationRows) calibration rows are too few to know the ranges of the codes: "
          + "what other rows hold beyond them is clipped")
    }
    let bytes = try naming(output.path) { try Model.int8(quantized).serialized() }
    try output.write(model: bytes, console)
    if output.isStandardOutput { return .success }
    let summary = QuantizationSummary(
      report: report, budget: budget, path: output.path, fileBytes: bytes.count,
      floatBytes: input.fileBytes,
      flatBytes: try naming(output.path) { try quantized.image.serialized().count },
      identity: try naming(output.path) { try Model.int8(quantized).identity() })
    if let path = arguments.stringIfGiven("--report") {
      try naming(path) { try writeFile(Array(summary.html(model: input.path).utf8), to: path) }
    }
    if let loss = summary.loss {
      console.warn(
        "the int8 model is far from the float one (\(loss)); nnq doctor says why where it knows: "
          + arguments.doctorCommand)
    }
    if arguments.flag("--json") {
      try console.print(summary.json)
    } else {
      try console.write(summary.text(style: console.style))
    }
    return .success
  }
}

extension ParsedArguments {
  /// What the training of the model's integers was for; nil where there was none, and where an option
  /// asks for something else.
  fileprivate func recipe(
    of model: FloatModel, _ path: String, _ console: Console
  ) -> QuantizationRecord? {
    guard let record = QuantizationRecord(trainedFor: model) else { return nil }
    let names = ["--fit", "--max-drop"] + Option.quantization.map(\.name)
    guard let other = names.first(where: isGiven) else {
      console.note("\(path): its integers were trained, so they are taken as they are")
      return record
    }
    console.warn("\(path): its integers were trained; \(other) makes others of it")
    return nil
  }
}

/// `model.int8.bin` for `model.bin`.
func int8Path(_ path: String) -> String {
  path.hasSuffix(".bin") ? path.dropLast(4) + ".int8.bin" : path + ".int8.bin"
}

extension QuantizationSettings {
  init(_ arguments: ParsedArguments) throws(Failure) {
    self.init()
    outputWidth = arguments.string("--output") == "8" ? .eight : .sixteen
    inputScale = .init(rawValue: arguments.string("--input-scale")) ?? .auto
    inputWidth = .init(rawValue: arguments.string("--input")) ?? .auto
    activations = .init(rawValue: arguments.string("--activations")) ?? .auto
    weights = .init(rawValue: arguments.string("--weights")) ?? .eight
    weightScales = .init(rawValue: arguments.string("--weight-scales")) ?? .row
    rounding = .init(rawValue: arguments.string("--rounding")) ?? .descent
    ranges = .init(rawValue: arguments.string("--calibration")) ?? .auto
    margin = try arguments.numberIfGiven("--margin", in: Self.margins)
    if margin != nil, ![.auto, .margin].contains(ranges) {
      throw arguments.command.usageFailure(
        "--margin does not go with --calibration \(ranges.rawValue)",
        hint: "the ranges of auto and of margin have one")
    }
    correctsBias = !arguments.flag("--no-bias-correction")
    carriesErrors = !arguments.flag("--no-carried-errors")
    descendsOnOutput = !arguments.flag("--no-output-descent")
    takesFineTables = !arguments.flag("--coarse-tables")
    equalization = .init(rawValue: arguments.string("--equalize")) ?? .none
    prunes = arguments.flag("--prune")
    threads =
      try arguments.integerIfGiven("--threads", in: 1...64)
      ?? min(max(sysconf(Int32(_SC_NPROCESSORS_ONLN)), 1), 64)
  }
}

extension Option {
  /// What `quantize` does to a model and `doctor` examines.
  static let quantization: [Option] = [
    .choice(
      "--input", ["auto", "8", "16"],
      "Bits of the input codes; auto takes 16 where 8 do not keep decisions and values",
      initial: "auto"),
    .choice("--output", ["8", "16"], "Bits of the output codes", initial: "16"),
    .choice(
      "--activations", ["auto", "8", "16"],
      "Bits of the codes between layers; auto takes 16 after the layers that need them",
      initial: "auto"),
    .choice(
      "--weights", ["8", "4", "mixed"],
      "Bits of the weights; mixed takes 4 where they cost least", initial: "8"),
    .choice(
      "--weight-scales", QuantizationSettings.WeightScales.allCases.map(\.rawValue),
      "One scale for each row of weights, or one for all of a layer", initial: "row"),
    .choice(
      "--input-scale", ["auto", "feature", "blend", "tensor"],
      "One input scale for each feature, one for all, or between; auto measures them",
      initial: "auto"),
    .choice(
      "--calibration", QuantizationSettings.Ranges.allCases.map(\.rawValue),
      "Ranges of the codes: the extremes seen, with or without a margin, or a rule that clips; auto"
        + " takes a margin, or measures where input, activations and output have 8 bits",
      initial: "auto"),
    .value(
      "--margin", "FACTOR",
      "Widen the ranges of 8-bit codes by this factor, 1 to 4, and those of 16-bit codes where theirs"
        + " is smaller",
      initial: .described("1.05 for the input, 1.1 for what layers hand on")),
    .choice(
      "--rounding", QuantizationSettings.Rounding.allCases.map(\.rawValue),
      "Weights to codes: gptq lets later weights make up for the errors of earlier ones, in"
        + " layers of up to 2048 inputs; descent then moves single codes",
      initial: "descent"),
    .flag("--no-bias-correction", "Leave the biases as they are"),
    .flag(
      "--no-carried-errors",
      "4-bit weights do not make up for the errors of the layers before"),
    .flag(
      "--no-output-descent",
      "4-bit weights are fitted to their layer's sums alone, not to the network's outputs"),
    .flag("--coarse-tables", "Tables of activations take 8-bit codes, as in TFLite"),
    .choice(
      "--equalize", QuantizationSettings.Equalization.allCases.map(\.rawValue),
      "Divide hidden units by this power of the ratio of the weights that make them and those that"
        + " take them in; auto measures",
      initial: "0"),
    .flag(
      "--prune", "Leave out features and units that are constant on the calibration rows"),
    .value(
      "--threads", "N", "Threads; they change no bit of the model",
      initial: .described("as many as processors")),
  ]
}
