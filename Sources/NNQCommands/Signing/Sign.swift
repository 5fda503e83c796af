// SPDX-License-Identifier: Apache-2.0
import Glibc
import NNQFiles
import NNQSigning
import NNQWords

extension Command {
  static let sign = Command(
    name: "sign", summary: "Sign a model for devices that run signed models only",
    arguments: [Argument(name: "MODEL", help: "A float or int8 model, or a flat image")],
    options: [
      .file("--key", "FILE", "The secret key that keygen wrote", isRequired: true),
      .value(
        "--class", "CLASS", "The device class that the model is for",
        initial: .described("any class")),
      .value(
        "--model-version", "N", "Grows with each release; devices refuse a step back",
        initial: .value("0")),
      .value("--expires", "YYYY-MM-DD", "The first day on which the signature is not accepted"),
      .file("-o", "FILE", "Write the signature here", initial: .described("MODEL.sig")),
      .flag("--force", "Replace a default output file that holds something else"),
    ],
    discussion: [
      "The signature covers the file, the flat image in it, the class, the version and the end. The"
        + " same file and settings give the same bytes."
    ],
    examples: [
      Example(
        "nnq sign model.int8.bin --key plant-2026.key --class motor --model-version 7",
        "Write model.int8.bin.sig"),
      Example(
        "nnq sign model.int8.bin --key plant-2026.key --expires 2027-01-01 -o trial.sig",
        "Sign a trial that ends by itself"),
    ]
  ) { arguments, console in
    let input = try ModelInput(arguments.argument("MODEL"))
    let output = OutputFile(arguments, defaultPath: "\(input.path).sig")
    let version = try arguments.integer("--model-version", in: 0...Int.max)
    let expires = try arguments.dayIfGiven("--expires")
    let key = try readSecretKey(arguments.string("--key"))
    let signature = try naming("sign: --class") {
      try ModelSignature(
        signing: input.bytes, with: key, deviceClass: arguments.stringIfGiven("--class") ?? "",
        modelVersion: UInt64(version), expires: expires?.seconds)
    }
    try output.write(signature.serialized())
    if !output.isStandardOutput {
      console.note("\(output.path): signed with \(quoted(key.name)), identity \(signature.keyID)")
    }
    return .success
  }
}

/// - Throws: ``Failure`` also for a key that others may read.
private func readSecretKey(_ path: String) throws(Failure) -> SecretKey {
  var status = stat()
  if unsafe stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG,
    status.st_mode & 0o077 != 0
  {
    throw Failure(
      .badInput, "\(path): a secret key that others may read or write", hint: "chmod 600 \(path)")
  }
  return try naming(path) {
    try SecretKey(parsing: try readFile(path, limit: SecretKey.byteLimit))
  }
}
