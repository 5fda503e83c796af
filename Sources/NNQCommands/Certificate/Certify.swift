// SPDX-License-Identifier: Apache-2.0
import NNQCertify
import NNQFormat

extension Command {
  static let certify = Command(
    name: "certify", summary: "Prove how far an int8 model can be from its float model",
    arguments: [Argument(name: "MODEL", help: "An int8 model")],
    options: [
      .file(
        "--float", "FILE", "The float model that it was made of",
        initial: .described("model.bin for model.int8.bin")),
      .file(
        "--box", "DATA.csv",
        "Prove it for readings between the least and the greatest of each feature in these rows; counts"
          + " stands for the sensor counts that were declared",
        initial: .described("all training rows"), excludes: ["--check"]),
      .value(
        "--central", "P",
        "Leave out what lies at both ends: the box holds this share of each feature's readings, for"
          + " example 90%", initial: .value("100%"), excludes: ["--check"]),
      .file(
        "-o", "FILE", "Write the model with its certificate here", initial: .described("MODEL"),
        excludes: ["--check"]),
      .flag(
        "--check", "Write nothing: prove what the model's certificate claims",
        excludes: ["-o", "--box", "--central"]),
      .value(
        "--parts", "N",
        "Cut the box into as many parts where bounds are worst, and prove each: tighter, for networks of"
          + " few features; --check needs as many", initial: .value("1")),
      .value("--attack", "N", "Try N rows of readings against the bounds, drawn and climbing"),
      .value("--seed", "S", "Draw other rows", initial: .value("0")),
      .flag("--json", "Print the certificate as one JSON object"),
    ],
    discussion: [
      "Bounds, for every row of readings inside the box, what each layer hands on and how far it can"
        + " be from what the float layer hands on, by interval and by affine arithmetic with all"
        + " rounding counted. The certificate is part of the file, not of the flat image, and changes"
        + " no hash but that of the file: certify before you sign.",
      "Exits with 1 when a layer is not covered, a bound cannot be proved, or an attack breaks one.",
    ],
    examples: [
      Example("nnq certify model.int8.bin", "Prove bounds and write them into the model"),
      Example(
        "nnq certify model.int8.bin --box field.csv -o field.int8.bin --attack 100000",
        "Prove them for the readings of the field, and try to break them"),
      Example("nnq certify model.int8.bin --check", "Prove the certificate that came with a model"),
    ]
  ) { arguments, console in
    let input = try ModelInput(arguments.argument("MODEL"))
    guard case .int8(let model) = input.model else {
      throw Failure(
        .badInput, "\(named(input.path)): not an int8 model with its provenance",
        hint: "certify takes the model that quantize wrote")
    }
    let floatPath = arguments.stringIfGiven("--float") ?? floatPath(input.path)
    let float = try ModelInput(floatPath).float(for: "certify --float")
    let rows = try arguments.integerIfGiven("--attack", in: 1...1_000_000_000)
    let parts = try arguments.integer("--parts", in: 1...1_000_000)
    let seed = try arguments.integer("--seed", in: 0...Int.max)
    let output = OutputFile(replacing: arguments.stringIfGiven("-o") ?? input.path)
    let isCheck = arguments.flag("--check")
    if !isCheck {
      try arguments.checkFiles(output: output.path)
      try output.checkWritable()
    }
    let box = try readingBox(arguments, model, float, input.path)
    let proof = try naming(input.path) {
      try Certification(model, of: float, box: box.ranges, parts: parts)
    }
    var result = CertificateResult(
      path: input.path, floatPath: floatPath, model: model, box: box, certification: proof)
    if isCheck { result.check() }
    if let rows {
      try naming(input.path) { try result.attack(float, rows: rows, seed: UInt64(seed)) }
    }
    if !isCheck, result.isHeld {
      var certified = model
      certified.certificate = proof.certificate
      let bytes = try naming(output.path) { try Model.int8(certified).serialized() }
      try output.write(model: bytes, console)
      result.writtenPath = output.path
    }
    if !isCheck, output.isStandardOutput { return result.isHeld ? .success : .no }
    if arguments.flag("--json") {
      try console.print(result.json)
    } else {
      try console.write(result.text(style: console.style))
    }
    return result.isHeld ? .success : .no
  }
}

/// The box that was asked for, that of the certificate that is checked, or what the models know.
private func readingBox(
  _ arguments: ParsedArguments, _ model: Int8Model, _ float: FloatModel, _ path: String
) throws(Failure) -> ReadingBox {
  if arguments.flag("--check") {
    guard let certificate = model.certificate else {
      throw Failure(
        .no, "\(named(path)): carries no certificate", hint: "certify without --check writes one")
    }
    return ReadingBox(of: certificate)
  }
  let central = try arguments.fractionIfGiven("--central") ?? 1
  guard let table = arguments.stringIfGiven("--box") else {
    return try naming(path) { try ReadingBox(model, of: float, central: central) }
  }
  if table == "counts" {
    guard !arguments.isGiven("--central") else {
      throw arguments.command.usageFailure("--central does not go with --box counts")
    }
    guard let box = try naming(path, { try ReadingBox(counts: model.features) }) else {
      throw Failure(
        .badInput, "\(named(path)): not every feature declares sensor counts",
        hint: "train --counts declares them")
    }
    return box
  }
  let rows = try ModelRows(
    table, features: model.features, targets: nil, ignored: model.task.targets)
  return try naming(table) {
    try ReadingBox(holding: rows.readings, features: model.features, central: central)
  }
}

/// `model.bin` for `model.int8.bin`.
private func floatPath(_ path: String) -> String {
  let ending = ".int8.bin"
  return path.hasSuffix(ending) ? path.dropLast(ending.count) + ".bin" : path + ".float.bin"
}
