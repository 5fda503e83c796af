// SPDX-License-Identifier: Apache-2.0
import NNQFormat
import NNQSigning
import NNQState
import NNQWords

extension Failure {
  /// What is wrong with a state file, as a sentence.
  init(_ error: StateError, in path: String) {
    switch error {
    case .envelope(.notAModel), .envelope(.unknownForm):
      self.init(.badInput, "\(path): not a state file", hint: "nnq eval --state writes one")
    case .envelope(let error): self.init(error, in: path)
    case .truncated(let byte): self.init(.badInput, "\(path): truncated at byte \(byte)")
    case .invalidField(let field, let index, let found):
      self.init(.badInput, "\(path): item \(index): \(field) \(quoted(found))")
    case .trailing(let byte): self.init(.badInput, "\(path): bytes after byte \(byte)")
    case .noFeatures:
      self.init(
        .badInput, "\(path): a flat image knows no features to count",
        hint: "use the int8 model that quantize wrote")
    case .otherModel(let found, let expected):
      self.init(
        .badInput, "\(path): counts model \(found) where the first state counts \(expected)")
    case .otherFeatures(let found, let expected):
      self.init(
        .badInput,
        "\(path): its features have the digest \(found) where the first state's have \(expected)")
    case .otherBins:
      self.init(
        .badInput, "\(path): its bins are not those of the first state",
        hint: "write both with the same version of nnq")
    case .tooManyRows(let limit):
      self.init(.badInput, "\(path): more than \(limit) rows together")
    }
  }

  /// What is wrong with a key, a key ring or a signature's file, as a sentence.
  init(_ error: SigningError, in path: String) {
    switch error {
    case .notBuilt:
      self.init(
        .usage, "this nnq was built without signatures",
        hint: "install libsodium-dev and build with: swift build -c release --traits Signing")
    case .badLine(let line, let fault):
      self.init(.badInput, "\(path):\(line): \(fault.words)")
    case .notASecretKey:
      self.init(.badInput, "\(path): not a secret key", hint: "nnq keygen writes one")
    case .notASignature, .invalidField, .tooLong, .badName:
      self.init(.badInput, "\(path): \(error.words)")
    }
  }
}
