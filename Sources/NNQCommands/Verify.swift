// SPDX-License-Identifier: Apache-2.0

extension Command {
  static let verify = Command(
    name: "verify", summary: "Prove that a model file is whole and computes the same bits here",
    arguments: [Argument(name: "MODEL", help: "A float or int8 model")],
    options: [
      .file("--keyring", "FILE", "Check the model's signature with the keys in this file"),
      .file("--signature", "FILE", "The signature", initial: .described("MODEL.sig")),
      .value(
        "--class", "CLASS", "Refuse a signature for another device class",
        initial: .described("not looked at")),
      .value("--min-version", "N", "Refuse a smaller model version", initial: .value("0")),
      .file(
        "--rebuild", "FLOAT", "Quantize this float model again and compare, byte by byte"),
      .calibrate("The rows that --rebuild calibrates with", initial: "those in the float model"),
      .file(
        "--device", "LOG",
        "Judge what firmware-runtime/conform/conform.c printed on a device that ran the image"),
      .flag("--json", "Print the checks as one JSON object"),
    ],
    discussion: [
      "Checks integrity, the canonical form, the model's own test vectors and every kernel of this"
        + " machine against the reference. Exits with 1 when a check fails."
    ],
    examples: [
      Example("nnq verify model.int8.bin", "Check a model before it is flashed"),
      Example(
        "nnq verify model.int8.bin --rebuild model.bin",
        "Prove that the int8 model was made of this float model"),
      Example(
        "nnq verify model.int8.bin --keyring plant.keys --class motor",
        "Check model.int8.bin.sig too"),
    ]
  ) { arguments, console in
    let input = try ModelInput(arguments.argument("MODEL"))
    var verification = try Verification(input)
    if let check = try arguments.signatureCheck() {
      let path = arguments.stringIfGiven("--signature") ?? "\(input.path).sig"
      verification.check(input, signature: try readSignature(path), check)
    }
    if let log = arguments.stringIfGiven("--device") {
      try verification.check(input, device: DeviceLog(log))
    }
    if let source = arguments.stringIfGiven("--rebuild") {
      let rebuild = try Rebuild(
        input, from: source, calibrate: arguments.strings("--calibrate"))
      verification.add(
        Check(name: "rebuild", fault: rebuild.fault, detail: rebuild.detail))
    } else if arguments.isGiven("--calibrate") {
      throw Failure(.usage, "--calibrate needs --rebuild")
    }
    if arguments.flag("--json") {
      try console.print(verification.json)
    } else {
      try console.write(verification.text(style: console.style))
    }
    return verification.hasPassed ? .success : .no
  }
}
