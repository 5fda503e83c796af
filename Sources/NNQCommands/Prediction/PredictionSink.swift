// SPDX-License-Identifier: Apache-2.0
import NNQData
import NNQFiles
import NNQFormat

/// Where `nnq predict` puts its answers: lines on standard output or in a file, or codes in a NumPy
/// file.
final class PredictionSink {
  private enum Form { case csv, json, codes, array }

  private let form: Form
  private let line: PredictionLine?
  private let outputs: Int
  private let outputWidth: CodeWidth
  private let path: String
  /// Nil for standard output.
  private var file: AtomicFile? = nil
  /// Only for a NumPy file.
  private var codes: [Int16] = []
  private var needsHeading: Bool

  /// - Throws: ``Failure`` when the model cannot answer in the form asked for.
  init(_ arguments: ParsedArguments, _ input: ModelInput) throws(Failure) {
    path = arguments.string("-o")
    let wantsCodes = arguments.flag("--codes")
    let image: FlatImage? =
      switch input.model {
      case .float: nil
      case .int8(let model): model.image
      case .image(let image): image
      }
    guard !wantsCodes || image != nil else {
      throw Failure(
        .badInput, "\(input.path): a float model has no codes", hint: "quantize it first")
    }
    outputs = image?.outputs.count ?? 0
    outputWidth = image?.outputWidth ?? .eight
    line = input.model.description.map { PredictionLine(task: $0.task) }
    guard wantsCodes || line != nil else {
      throw Failure(
        .usage, "\(input.path): a flat image answers in codes only", hint: "add --codes")
    }
    if wantsCodes {
      form = path.hasSuffix(".npy") ? .array : .codes
    } else {
      form = arguments.flag("--json") ? .json : .csv
    }
    needsHeading = form == .csv || form == .codes
    if path != "-" { file = try naming(path) { try AtomicFile(path) } }
  }

  func add(_ prediction: Prediction, _ console: inout Console) throws {
    try writeHeading(&console)
    switch form {
    case .csv: try write(line?.csv(prediction) ?? "", &console)
    case .json: try write(line?.json(prediction).text ?? "", &console)
    case .codes:
      try write(prediction.codes.map { "\($0)" }.joined(separator: ","), &console)
    case .array: codes += prediction.codes
    }
  }

  /// Sends what is there, so that the reader of a pipe has its answers.
  func flush(_ console: inout Console) throws {
    if file == nil { try console.flush() }
  }

  /// Makes a file appear under its name.
  func finish(_ console: inout Console) throws {
    try writeHeading(&console)
    if form == .array {
      let bytes =
        outputWidth == .eight
        ? NumPyWriter.bytes(codes.map { Int8($0) }, columns: outputs)
        : NumPyWriter.bytes(codes, columns: outputs)
      try file?.write(bytes)
    }
    try file?.commit()
    try flush(&console)
  }

  /// Once, before the first row; a table without rows has a heading too.
  private func writeHeading(_ console: inout Console) throws {
    guard needsHeading else { return }
    needsHeading = false
    try write(heading, &console)
  }

  private var heading: String {
    form == .codes
      ? (0..<outputs).map { "y\($0)" }.joined(separator: ",") : line?.heading ?? ""
  }

  private func write(_ text: String, _ console: inout Console) throws {
    if file != nil {
      try file?.write("\(text)\n".utf8)
    } else {
      try console.print(text)
    }
  }
}
