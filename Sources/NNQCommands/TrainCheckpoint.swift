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
        .usage, "\(path): the checkpoint was made with \(name) \(checkpoint), not \(asked)",
        hint: "resume with the options that the training began with")
    }
  }

  /// A training that diverged and left the weights of its best pass in a file.
  func keeping(_ path: String, epoch: Int) -> Failure {
    Failure(
      code, "\(sentence); \(path) has the weights of epoch \(epoch)", hint: hint)
  }
}
