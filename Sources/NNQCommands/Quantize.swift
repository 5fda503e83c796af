// SPDX-License-Identifier: Apache-2.0
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
      .file(
        "--calibrate", "DATA.csv", "Rows to calibrate with",
        initial: .described("those in the model")),
      .ignore,
      .choice(
        "--input", ["auto", "8", "16"],
        "Bits of the input codes; auto takes 16 where 8 lose much on the calibration rows",
        initial: "auto"),
      .choice("--output", ["8", "16"], "Bits of the output codes", initial: "16"),
      .choice(
        "--input-scale", ["auto", "feature", "tensor"],
        "One input scale for each feature or one for all; auto measures both", initial: "auto"),
      .choice(
        "--calibration", ["margin", "minmax"],
        "Ranges of the codes: the extremes seen, with or without a margin", initial: "margin"),
      .choice(
        "--rounding", ["gptq", "nearest"],
        "Weights to codes: gptq lets later weights make up for the errors of earlier ones, in"
          + " layers of up to 2048 inputs",
        initial: "gptq"),
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
    var settings = QuantizationSettings()
    settings.outputWidth = arguments.string("--output") == "8" ? .eight : .sixteen
    settings.inputScale = .init(rawValue: arguments.string("--input-scale")) ?? .auto
    settings.inputWidth = .init(rawValue: arguments.string("--input")) ?? .auto
    settings.rounding = .init(rawValue: arguments.string("--rounding")) ?? .feedback
    settings.ranges = .init(rawValue: arguments.string("--calibration")) ?? .margin
    let ignored = try arguments.ignoredColumns(
      features: model.features, hasTable: arguments.isGiven("--calibrate"))
    let calibration = try arguments.stringIfGiven("--calibrate").map {
      try CalibrationRows(ModelRows($0, features: model.features, targets: nil, ignored: ignored))
    }
    let (quantized, report) = try naming(input.path) {
      try Int8Model.quantizing(model, settings, calibration: calibration)
    }
    let bytes = try naming(output.path) { try Model.int8(quantized).serialized() }
    try output.write(bytes)
    if output.isStandardOutput { return .success }
    let summary = QuantizationSummary(
      report: report, path: output.path, fileBytes: bytes.count, floatBytes: input.fileBytes,
      flatBytes: try naming(output.path) { try quantized.image.serialized().count },
      identity: try naming(output.path) { try Model.int8(quantized).identity() })
    if arguments.flag("--json") {
      try console.print(summary.json)
    } else {
      try console.write(summary.text(style: console.style))
    }
    return .success
  }
}

/// `model.int8.bin` for `model.bin`.
private func int8Path(_ path: String) -> String {
  path.hasSuffix(".bin") ? path.dropLast(4) + ".int8.bin" : path + ".int8.bin"
}

extension CalibrationRows {
  /// At most ``limit`` rows, evenly spread over the table.
  fileprivate init(_ table: ModelRows) {
    let count = min(table.rows, Self.limit)
    let chosen = (0..<count).map { $0 * table.rows / count }
    self.init(rows: count, readings: chosen.flatMap { table.row($0) })
  }
}
