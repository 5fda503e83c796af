// SPDX-License-Identifier: Apache-2.0
import NNQFiles
import NNQFormat
import NNQInterop
import NNQWords

extension Command {
  static let importing = Command(
    name: "import", summary: "Turn an ONNX, TFLite or safetensors network into a model",
    arguments: [Argument(name: "FILE", help: "A network as .onnx, .tflite or .safetensors")],
    options: [
      .file("-o", "FILE", "Write the model here", isRequired: true),
      .file(
        "--layers", "LIST", "For safetensors: a line a layer, names of weights and bias, activation"
      ),
      .value(
        "--features", "NAMES", "Names of the inputs, joined by commas, or a file with one a line",
        initial: .described("x0,x1,...")),
      .value(
        "--task", "TASK", "binary, multiclass, multilabel, regression or anomaly",
        initial: .described("by the network's end")),
      .list(
        "--labels", "NAME[,NAME]", "Names of the classes, negative first",
        initial: .described("those in the file, or 0,1,...")),
      .list(
        "--targets", "NAME[,NAME]", "Names of the columns to predict",
        initial: .described("label, or target0,target1,...")),
      .value(
        "--threshold", "T", "Probability, or score of an anomaly, from which on a row is positive",
        initial: .described("0.5")),
      .flag("--json", "Print what was read as one JSON object"),
    ],
    discussion: [
      "A float network becomes a float model, a network of int8 codes (TFLite, or ONNX with"
        + " QuantizeLinear or QLinear operators) an int8 model with the same integers. Constants that shift and scale the inputs stay inside the model, as those of"
        + " the outputs do. Softmax at the end means multiclass, a sigmoid binary or multilabel,"
        + " anything else regression; --task decides otherwise.",
      "The file holds no rows to calibrate with: quantize needs --calibrate then.",
    ],
    examples: [
      Example("nnq import net.onnx -o model.bin", "Read a network of PyTorch or scikit-learn"),
      Example(
        "nnq import net.tflite -o model.bin --features rms,crest,kurtosis --labels ok,worn",
        "Name the inputs and the classes"),
    ]
  ) { arguments, console in
    let path = arguments.argument("FILE")
    let output = OutputFile(arguments, defaultPath: "")
    try output.checkWritable()
    let settings = try ImportSettings(arguments)
    let layers = try arguments.stringIfGiven("--layers").map { list throws in
      try naming(list) {
        try LayerList(
          parsing: String(decoding: try readFile(list, limit: FormatLimit.section), as: UTF8.self))
      }
    }
    let bytes = try naming(path) { try readFile(path, limit: FormatLimit.file) }
    guard (try? Model(parsing: bytes)) == nil else {
      throw Failure(
        .badInput, "\(named(path)): is already a model of nnq", hint: "nnq inspect shows it")
    }
    var model = try naming(path) { try Model(importing: bytes, settings, layers: layers) }
    model.record([
      "imported-from": ForeignFormat(of: bytes).name, "source-sha256": SHA256.hex(bytes),
      "tool-version": Version.current,
    ])
    try output.write(model: try naming(path) { try model.serialized() }, console)
    let summary = ImportSummary(
      model: model, format: ForeignFormat(of: bytes), path: output.path,
      identity: try naming(path) { try model.identity() })
    if arguments.flag("--json") {
      try console.print(summary.json)
    } else {
      try console.print(summary.text)
    }
    return .success
  }
}

extension ImportSettings {
  fileprivate init(_ arguments: ParsedArguments) throws(Failure) {
    self.init()
    features = try arguments.stringIfGiven("--features").map { text throws(Failure) in
      try names(text)
    }
    task = try arguments.stringIfGiven("--task").map { text throws(Failure) in
      guard let kind = ModelTask.Kind.allCases.first(where: { $0.name == text }) else {
        throw arguments.bad(
          "--task", text, "is no task",
          hint: "one of \(ModelTask.Kind.allCases.map(\.name).joined(separator: ", "))")
      }
      return kind
    }
    if arguments.isGiven("--labels") { labels = try arguments.list("--labels") }
    if arguments.isGiven("--targets") { targets = try arguments.list("--targets") }
    threshold = try arguments.numberIfGiven("--threshold", in: 0...)
  }
}

/// Names joined by commas; a single word that is a file stands for its lines.
private func names(_ text: String) throws(Failure) -> [String] {
  if text.contains(",") {
    return text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
  }
  let limit = FormatLimit.width * FormatLimit.stringBytes
  do {
    let bytes = try readFile(text, limit: limit)
    return String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline).map(
      String.init)
  } catch {
    // A model of one input has one name.
    return [text]
  }
}

extension Model {
  /// Adds pairs to the provenance.
  fileprivate mutating func record(_ pairs: KeyValuePairs<String, String>) {
    switch self {
    case .float(var model):
      for (key, value) in pairs { model.provenance[key] = value }
      self = .float(model)
    case .int8(var model):
      for (key, value) in pairs { model.provenance[key] = value }
      self = .int8(model)
    case .image: break
    }
  }
}

/// What `nnq import` says of what it read.
private struct ImportSummary {
  let model: Model
  let format: ForeignFormat
  let path: String
  let identity: String

  private var kind: String {
    if case .float = model { "float32" } else { "int8" }
  }

  private var widths: [Int] {
    switch model {
    case .float(let model): [model.inputs] + model.layers.map(\.outputs)
    case .int8(let model): [model.image.inputs] + model.image.layers.map(\.outputs)
    case .image: []
    }
  }

  var json: JSON {
    .answer([
      "output": .string(path), "sha256": .string(identity), "format": .string(format.name),
      "kind": .string(kind), "task": .string(model.task.name),
      "widths": .array(widths.map { .integer($0) }),
      "labels": .array((model.description?.task.labels ?? []).map { .string($0) }),
    ])
  }

  var text: String {
    "\(printable(path)): \(kind) network \(widths.map(String.init).joined(separator: "-")) from "
      + "\(format.name), \(model.task.name)"
  }
}
