// SPDX-License-Identifier: Apache-2.0

/// What is wrong with a key, a key ring or a signature as a file.
public enum SigningError: Error, Equatable, Sendable {
  /// This build has no libsodium; the package trait `Signing` brings it.
  case notBuilt
  /// The bytes are no signature file of version 1.
  case notASignature
  /// A field of a signature outside its allowed values.
  case invalidField(String, found: String)
  /// A line of a key ring, counted from 1, that is none of its forms.
  case badLine(Int, fault: KeyLineFault)
  /// More lines, or longer ones, than a key ring may have.
  case tooLong(limit: Int)
  /// A secret key file that is none.
  case notASecretKey
  /// A name or a device class that is not 1 ... 64 letters, digits, points, hyphens or underscores.
  case badName(String)
}

/// What is wrong with a line of a key ring.
public enum KeyLineFault: Equatable, Sendable {
  /// Not `ed25519 KEY NAME` and what may follow.
  case shape
  /// The key is not 64 hexadecimal digits in lower case.
  case key
  case name(String)
  /// Neither `revoked` nor `expires=YYYY-MM-DD`, or given twice.
  case attribute(String)
  /// The key, or its first eight bytes of digest, stands in a line before.
  case repeated
}

/// Why a model is not run. Every case but ``unsigned`` and ``notBuilt`` is a fact about a signature.
public enum SignatureRefusal: Error, Equatable, Sendable {
  case unsigned
  case malformed(SigningError)
  /// No key of the ring has this identity, in hexadecimal.
  case unknownKey(id: String)
  case revokedKey(name: String)
  /// Seconds since 1970, UTC.
  case expiredKey(name: String, at: Int64)
  /// The bytes were not signed with the key that they name.
  case badSignature(keyName: String)
  /// The signature is good but of other bytes; both SHA-256 in hexadecimal.
  case otherModel(found: String, signed: String)
  case wrongClass(found: String, expected: String)
  case downgrade(found: UInt64, minimum: UInt64)
  case expired(at: Int64)
  /// This build cannot check signatures.
  case notBuilt
}
