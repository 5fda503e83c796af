// SPDX-License-Identifier: Apache-2.0
import NNQFiles
import NNQFormat
import NNQInterop

extension Command {
  static let export = Command(
    name: "export", summary: "Write a model in a form for devices or other tools",
    arguments: [Argument(name: "MODEL", help: "A float or int8 model")],
    options: [
      Option(
        name: "--to", kind: .value, metavar: "c|image|onnx|tflite",
        help: "C source with the image in it, the flat image alone, or a network for other tools",
        allowed: ["c", "image", "onnx", "tflite"], isRequired: true),
      Option(
        name: "--layout", kind: .value, metavar: "portable|cortex-m4|cortex-m55",
        help:
          "How the weights lie in the image: as every machine reads them, or for one kind of CPU",
        initial: .value("portable"), allowed: DeviceLayout.allCases.map(\.rawValue)),
      .file(
        "-o", "PATH",
        "Write it here: NAME.c, which NAME.h joins, or the image; - is standard output",
        isRequired: true),
    ],
    discussion: [
      "The flat image is what nnq_load() of firmware-runtime takes. The C source holds the same bytes"
        + " as a constant array of 4-byte alignment; its header has their number, the sizes of the"
        + " buffers, the names of features and labels, and how each input code is made.",
      "A float model goes out as ONNX or TFLite with its scaling inside; so does an int8 model as"
        + " ONNX with QuantizeLinear and DequantizeLinear. As TFLite an int8 model of 8-bit codes"
        + " takes in and hands on codes, without the scaling of features and targets.",
      "Residual and gated networks go to neither; silu and layer norm go to ONNX alone. A tanh or"
        + " sigmoid of an int8 model is a table here and a function there: quantize with"
        + " --coarse-tables for codes that differ by 1 at most.",
    ],
    examples: [
      Example("nnq export model.int8.bin --to c -o motor.c", "Write motor.c and motor.h"),
      Example("nnq export model.int8.bin --to image -o motor.nnq", "Write the flat image"),
    ]
  ) { arguments, console in
    let path = arguments.string("-o")
    let form = arguments.string("--to")
    if arguments.isGiven("--layout"), form == "onnx" || form == "tflite" {
      throw arguments.command.usageFailure(
        "--layout does not go with --to \(form), which has no image")
    }
    let input = try ModelInput(arguments.argument("MODEL"))
    if let format = ["onnx": ForeignFormat.onnx, "tflite": .tflite][form] {
      let bytes = try naming(input.path) { try input.foreign(format, console) }
      try naming(path) { try writeFile(bytes, to: path) }
      return .success
    }
    let layout = DeviceLayout(rawValue: arguments.string("--layout")) ?? .portable
    guard form == "c" else {
      let image = try naming(input.path) { try input.arranged(for: layout) }
      try naming(path) { try writeFile(image.bytes, to: path) }
      console.warnOfSignature(beside: path, image.bytes)
      return .success
    }
    guard let file = CFileName(path) else {
      throw arguments.bad(
        "-o", path, "is no name for a C file",
        hint: "give one that ends in .c, of letters, digits, _, - and .")
    }
    guard file.header != "nnq.h" else {
      throw arguments.bad(
        "-o", path, "would put a nnq.h in the way of the runtime's", hint: "give another name")
    }
    let source = try naming(input.path) {
      try CSource(
        name: file.identifier, header: file.header, image: try input.image(), model: input.model,
        arranged: try input.arranged(for: layout))
    }
    for path in [path, file.headerPath] { try OutputFile(replacing: path).checkWritable() }
    try naming(file.headerPath) {
      try writeFile(Array(source.headerText.utf8), to: file.headerPath)
    }
    try naming(path) { try writeFile(Array(source.sourceText.utf8), to: path) }
    console.note("\(path): \(source.name)_image, \(Format.bytes(source.imageBytes)) of constants")
    return .success
  }
}

/// The names that follow from the path of a C file.
struct CFileName {
  /// Beside the C file.
  let headerPath: String
  /// The last part of ``headerPath``.
  let header: String
  /// What the names in the file start with.
  let identifier: String

  /// Nil for a path that does not end in `.c` or whose last part is no plain ASCII name.
  init?(_ path: String) {
    let parts = path.split(separator: "/", omittingEmptySubsequences: false)
    guard let last = parts.last, last.hasSuffix(".c") else { return nil }
    let stem = last.dropLast(2)
    let isPlain = stem.utf8.allSatisfy { isAlphanumeric($0) || "_-.".utf8.contains($0) }
    guard isPlain, stem.utf8.contains(where: isAlphanumeric) else { return nil }
    headerPath = "\(path.dropLast(2)).h"
    header = "\(stem).h"
    let word = String(stem.map { "-.".contains($0) ? "_" : $0 })
    identifier = word.first?.isLetter == true ? word : "model_\(word)"
  }
}

extension ModelInput {
  /// The model as a file of another format.
  fileprivate func foreign(_ format: ForeignFormat, _ console: Console) throws -> [UInt8] {
    switch (model, format) {
    case (.float(let model), .onnx): return try model.onnx()
    case (.float(let model), .tflite): return try model.tflite()
    case (.int8(let model), .tflite):
      let file = noted(try model.tflite(), format, console)
      console.note("the file takes codes: the scaling of features and targets is not in it")
      return file
    case (.int8(let model), .onnx):
      if model.image.layers.contains(where: \.hasFineTable) {
        console.note(
          "other runtimes compute the functions of fine tables themselves, so that a code may differ"
            + " by more than 1; quantize with --coarse-tables where that matters")
      }
      return noted(try model.onnx(), format, console)
    case (.image, _), (_, .safetensors):
      throw Failure(
        .badInput, "\(named(path)): \(format.name) cannot be written of a flat image alone",
        hint: "give the model that it was exported from")
    }
  }

  /// The bytes of a file, after a note where its factors are rounded.
  private func noted(_ file: Int8File, _ format: ForeignFormat, _ console: Console) -> [UInt8] {
    if file.roundedRows > 0 {
      console.note(
        "\(file.roundedRows) rows have a factor that the scales of \(format.name) do not hold: a"
          + " code may differ by 1 where a sum lies at a rounding boundary")
    }
    return file.bytes
  }

  /// The image of an int8 model in a layout.
  func arranged(for layout: DeviceLayout) throws -> ArrangedImage {
    try ArrangedImage(try image(), for: layout)
  }

  /// The flat image of an int8 model.
  ///
  /// - Throws: ``Failure`` when the file holds a float model.
  func image() throws(Failure) -> FlatImage {
    switch model {
    case .float:
      throw Failure(
        .badInput, "\(named(path)): a float model where export needs an int8 model",
        hint: "quantize it first")
    case .int8(let model): return model.image
    case .image(let image): return image
    }
  }
}

/// An ASCII letter or digit.
func isAlphanumeric(_ byte: UInt8) -> Bool {
  switch byte {
  case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
    UInt8(ascii: "a")...UInt8(ascii: "z"):
    true
  default: false
  }
}

extension FlatImage.Layer {
  fileprivate var hasFineTable: Bool {
    if case .sixteen = table { true } else { false }
  }
}
