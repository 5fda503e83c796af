// SPDX-License-Identifier: Apache-2.0
import NNQData
import NNQFiles
import NNQFormat

extension Command {
  static let predict = Command(
    name: "predict", summary: "Print one line of results for each row",
    arguments: [
      Argument(name: "MODEL", help: "A float or int8 model"),
      Argument(
        name: "DATA.csv", help: "The rows; standard input when it is - or left out",
        count: .optional),
    ],
    options: [
      .lines,
      .flag(
        "--codes", "Answer with the output codes of an int8 model", excludes: ["--json"]),
      .ignore,
      .flag("--counts", "The rows hold raw sensor counts, as on a device"),
      .flag(
        "--json", "Print one JSON object a line, with the codes of an int8 model in it",
        excludes: ["--codes"]),
    ],
    discussion: [
      "A row is answered as soon as it is read. When the reader of the results goes away, as head"
        + " does, predict ends quietly with exit code 0."
    ],
    examples: [
      Example("nnq predict model.int8.bin field.csv -o results.csv", "Predict a table"),
      Example("sensor | nnq predict model.int8.bin - --json", "Answer readings as they come"),
      Example(
        "nnq predict model.int8.bin codes.npy --codes -o out.npy",
        "Compare another runtime code by code"),
    ]
  ) { arguments, console in
    let input = try ModelInput(arguments.argument("MODEL"))
    let sink = try PredictionSink(arguments, input)
    let path = arguments.argumentIfGiven("DATA.csv") ?? "-"
    let ignored = try arguments.ignoredColumns(features: input.model.description?.features ?? [])
    if arguments.flag("--counts") {
      try predictCounts(input, path, ignored, sink, &console)
    } else {
      try predictTable(input, path, ignored, sink, &console)
    }
    try sink.finish(&console)
    return .success
  }
}

extension Option {
  fileprivate static var lines: Option {
    var option = file(
      "-o", "FILE", "Write the lines here; - is standard output", initial: .value("-"))
    option.holdsResults = true
    return option
  }
}

/// Rows of readings, or of input codes in a NumPy file.
private func predictTable(
  _ input: ModelInput, _ path: String, _ ignored: [String], _ sink: PredictionSink,
  _ console: inout Console
) throws {
  var source = try naming(path) { try ByteSource(path) }
  if try naming(path, { try source.starts(with: NumPyArray.magic) }) {
    let array = try NumPyArray(reading: source)
    if let runner = try CodeRunner(input, array, path) {
      for row in 0..<runner.rows { try sink.add(runner.prediction(row), &console) }
      return
    }
    let predictor = try input.predictor()
    let table = try ModelRows(
      Dataset(array, columns: .model(features: predictor.features.map(\.name)), file: path),
      features: predictor.features, path: path)
    for row in 0..<table.rows {
      let prediction = predictor.predict(table.row(row))
      try sink.add(prediction.checked(row: row + 1, of: path), &console)
    }
    return
  }
  let predictor = try input.predictor()
  let width = predictor.features.count
  var reader = try RowReader(source, columns: predictor.columns(ignoring: ignored))
  var readings: [Float] = []
  var row = 1
  while case let count = try reader.read(into: &readings), count > 0 {
    try predictor.features.fillMissing(in: &readings, firstRow: row, of: path)
    for index in 0..<count {
      let prediction = predictor.predict(readings[index * width..<(index + 1) * width])
      try sink.add(prediction.checked(row: row + index, of: path), &console)
    }
    row += count
    readings.removeAll(keepingCapacity: true)
    try sink.flush(&console)
  }
}

/// Rows of raw sensor counts.
private func predictCounts(
  _ input: ModelInput, _ path: String, _ ignored: [String], _ sink: PredictionSink,
  _ console: inout Console
) throws {
  guard case .int8(let model) = input.model, model.image.counts != nil else {
    throw Failure(
      .badInput, "\(input.path): declares no sensor counts for all of its features",
      hint: "declare them with train --counts, then quantize")
  }
  let predictor = try naming(input.path) { try Int8Predictor(model) }
  var reader = try RowReader(path, columns: predictor.columns(ignoring: ignored))
  var counts: [Int32] = []
  while case let rows = try reader.readCounts(into: &counts), rows > 0 {
    for row in 0..<rows {
      let width = predictor.features.count
      let own = Array(counts[row * width..<(row + 1) * width])
      guard let prediction = predictor.predict(counts: own) else { continue }
      try sink.add(prediction, &console)
    }
    counts.removeAll(keepingCapacity: true)
    try sink.flush(&console)
  }
}

extension Predictor {
  /// The model's columns; its targets may stand in the table too.
  fileprivate func columns(ignoring ignored: [String]) -> ColumnSelection {
    .model(features: features.map(\.name), targets: task.targets, ignored: ignored)
  }
}
