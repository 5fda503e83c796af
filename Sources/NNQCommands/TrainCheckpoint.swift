// SPDX-License-Identifier: Apache-2.0
import NNQFiles
import NNQTrain

/// Reads a checkpoint for `--resume`.
func readCheckpoint(_ path: String) throws(Failure) -> Checkpoint {
  try naming(path) {
    let bytes = try readFile(path, limit: Checkpoint.byteLimit)
    return try Checkpoint(parsing: bytes)
  }
}

/// A setting that a checkpoint names, as the command line names it.
private enum TrainingOption {
  /// For example `with --epochs 5` or `without --reproducible`.
  ///
  /// - Parameter value: as the settings are printed: `true`, `nil`, `Optional(5)`, `[64, 32]` or the
  ///   name of a case.
  static func words(_ setting: String, _ value: String) -> String {
    if setting == "isGated" { return value == "true" ? "with swiglu" : "without swiglu" }
    let option = "--" + (names[setting] ?? hyphenated(setting))
    if value == "false" || value == "nil" { return "without \(option)" }
    if value == "true" { return "with \(option)" }
    var plain = value
    for frame in ["Optional(", "given("] where plain.hasPrefix(frame) {
      plain = String(plain.dropFirst(frame.count).dropLast())
    }
    plain = plain.filter { !"[]\"".contains($0) }.replacing(", ", with: ",")
    // The names of cases are spelt as the command line spells them, but for their capitals.
    if plain.hasPrefix("NNQ"),
      let name = plain.prefix(while: { $0 != "(" }).split(separator: ".").last
    {
      plain = hyphenated(String(name))
    } else if setting == "schedule" {
      plain = hyphenated(plain)
    } else if setting == "optimizer" {
      plain = plain.lowercased()
    }
    return "with \(option) \(plain)"
  }

  private static let names = [
    "isResidual": "residual", "isReproducible": "reproducible", "isTimeOrdered": "time-ordered",
    "targets": "target", "accumulation": "accumulate", "missingReadings": "missing",
  ]

  private static func hyphenated(_ word: String) -> String {
    word.reduce(into: "") { result, letter in
      result += letter.isUppercase ? "-\(letter.lowercased())" : "\(letter)"
    }
  }
}

extension Failure {
  /// Why a checkpoint cannot be resumed from, as a sentence.
  init(_ error: CheckpointError, in path: String) {
    switch error {
    case .notACheckpoint: self.init(.badInput, "\(path): not a checkpoint of nnq train")
    case .unsupportedVersion(let found, let known):
      self.init(.badInput, "\(path): a checkpoint of version \(found) where \(known) is known")
    case .damaged: self.init(.badInput, "\(path): the checkpoint is damaged")
    case .otherData:
      self.init(
        .badInput, "\(path): the checkpoint is of other rows than these",
        hint: "resume with the table that the training began with")
    case .unknownSetting(let name, let checkpoint):
      self.init(
        .badInput,
        "\(path): the checkpoint was made with \(name) \(checkpoint), which this version does not"
          + " know",
        hint: "resume with the version that the training began with")
    case .otherSetting(let name, let checkpoint, let asked):
      self.init(
        .usage,
        "\(path): the checkpoint was made \(TrainingOption.words(name, checkpoint)), not"
          + " \(TrainingOption.words(name, asked))",
        hint: "resume with the options that the training began with")
    }
  }

  /// A training that diverged and left the weights of its best pass in a file.
  func keeping(_ path: String, epoch: Int) -> Failure {
    Failure(
      code, "\(sentence); \(path) has the weights of epoch \(epoch)", hint: hint)
  }
}
