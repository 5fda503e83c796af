// SPDX-License-Identifier: Apache-2.0
import Glibc
import NNQFiles
import NNQSigning

extension ParsedArguments {
  /// What `verify` demands of a signature; nil when no key ring was given.
  ///
  /// - Throws: ``Failure`` for options that need a key ring, and where this build has no libsodium.
  func signatureCheck() throws(Failure) -> SignatureCheck? {
    guard let path = stringIfGiven("--keyring") else {
      for option in ["--signature", "--class", "--min-version"] where isGiven(option) {
        throw command.usageFailure("\(option) needs --keyring")
      }
      return nil
    }
    guard Ed25519.isAvailable else { throw Failure(SigningError.notBuilt, in: path) }
    let version = try integer("--min-version", in: 0...Int.max)
    let ring = try naming(path) {
      try KeyRing(parsing: try readFile(path, limit: KeyRing.byteLimit))
    }
    return SignatureCheck(
      keyRing: ring, deviceClass: stringIfGiven("--class"), minimumVersion: UInt64(version),
      now: Int64(time(nil)))
  }
}

/// The bytes of a signature's file; nil when there is no such file.
func readSignature(_ path: String) throws(Failure) -> [UInt8]? {
  guard unsafe access(path, F_OK) == 0 else { return nil }
  return try naming(path) { try readFile(path, limit: ModelSignature.byteLimit) }
}
