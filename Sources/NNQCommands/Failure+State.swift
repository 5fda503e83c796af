// SPDX-License-Identifier: Apache-2.0
import NNQFormat
import NNQSigning
import NNQState

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

extension SigningError {
  /// The fact alone.
  fileprivate var words: String {
    switch self {
    case .notBuilt: "this nnq was built without signatures"
    case .notASignature: "not a signature"
    case .invalidField(let field, let found): "\(field) \(quoted(found)) in a signature"
    case .badLine(let line, let fault): "line \(line): \(fault.words)"
    case .tooLong(let limit): "longer than \(limit) bytes"
    case .notASecretKey: "not a secret key"
    case .badName(let name):
      "\(quoted(name)) is not 1 to 64 letters, digits, points, hyphens or underscores"
    }
  }
}

extension KeyLineFault {
  fileprivate var words: String {
    switch self {
    case .shape: "not of the form ed25519 KEY NAME [expires=YYYY-MM-DD] [revoked]"
    case .key: "the key is not 64 hexadecimal digits in lower case"
    case .name(let name): "the name \(quoted(name)) has other signs than letters, digits and .-_"
    case .attribute(let text): "\(quoted(text)) is neither revoked nor expires=YYYY-MM-DD"
    case .repeated: "the key stands in a line before"
    }
  }
}

extension SignatureRefusal {
  /// Why a model's signature is not accepted.
  var words: String {
    switch self {
    case .unsigned: "there is no signature"
    case .malformed(let error): error.words
    case .unknownKey(let id): "no key of the ring has the identity \(id)"
    case .revokedKey(let name): "the key \(quoted(name)) is revoked"
    case .expiredKey(let name, let end):
      "the key \(quoted(name)) ended on \(CalendarDay.text(of: end))"
    case .badSignature(let name): "not made with the key \(quoted(name))"
    case .otherModel(let found, let signed):
      "of a file with sha256 \(signed), this one has \(found)"
    case .wrongClass(let found, let expected):
      "for the device class \(quoted(found)), not \(quoted(expected))"
    case .downgrade(let found, let minimum):
      "of model version \(found) where at least \(minimum) is asked for"
    case .expired(let end): "ended on \(CalendarDay.text(of: end))"
    case .notBuilt: SigningError.notBuilt.words
    }
  }
}
