// SPDX-License-Identifier: Apache-2.0
package import NNQSigning

extension SigningError {
  /// The fact alone.
  package var words: String {
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
  package var words: String {
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
  package var words: String {
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
