// SPDX-License-Identifier: Apache-2.0

/// What a verifier demands of a signed model.
public struct SignatureCheck: Equatable, Sendable {
  public var keyRing: KeyRing
  /// The class of this device: a model that was signed for a class must be for this one. Empty: only
  /// models for any class. Nil: the class is not looked at.
  public var deviceClass: String?
  /// The smallest model version that is not a step back.
  public var minimumVersion: UInt64
  /// Seconds since 1970, UTC.
  public var now: Int64

  public init(
    keyRing: KeyRing, deviceClass: String?, minimumVersion: UInt64 = 0, now: Int64
  ) {
    self.keyRing = keyRing
    self.deviceClass = deviceClass
    self.minimumVersion = minimumVersion
    self.now = now
  }

  /// What is known of a model whose signature was accepted.
  public struct Accepted: Equatable, Sendable {
    public let keyName: String
    public let signature: ModelSignature
  }

  /// Checks a model's signature.
  ///
  /// - Parameters:
  ///   - model: the file's bytes, packed or a flat image; they are hashed, not parsed.
  ///   - signature: the bytes of the signature's file; nil when there is none.
  /// - Throws: ``SignatureRefusal`` with the first reason against it. Nothing that the signature
  ///   states is looked at before the signature itself is found good.
  public func verify(
    model: [UInt8], signature bytes: [UInt8]?
  ) throws(SignatureRefusal) -> Accepted {
    guard let bytes else { throw .unsigned }
    guard Ed25519.isAvailable else { throw .notBuilt }
    let signature: ModelSignature
    do throws(SigningError) {
      signature = try ModelSignature(parsing: bytes)
    } catch {
      throw .malformed(error)
    }
    let key = try key(of: signature)
    guard Ed25519.isValid(signature.signature, of: signature.message, key: key.bytes) else {
      throw .badSignature(keyName: key.name)
    }
    if let end = key.expires, now >= end { throw .expiredKey(name: key.name, at: end) }
    let found = sha256(model)
    guard found == signature.fileDigest || found == signature.imageDigest else {
      throw .otherModel(found: KeyText.hex(found), signed: KeyText.hex(signature.fileDigest))
    }
    try checkClass(of: signature)
    guard signature.modelVersion >= minimumVersion else {
      throw .downgrade(found: signature.modelVersion, minimum: minimumVersion)
    }
    if let end = signature.expires, now >= end { throw .expired(at: end) }
    return Accepted(keyName: key.name, signature: signature)
  }

  /// Looks again at a signature that was found good before: its key must still be in the ring and not
  /// revoked, and its class this one. Ends are not looked at: they say until when a model may be taken
  /// in, not how long it runs.
  public func verifyAgain(_ signature: ModelSignature) throws(SignatureRefusal) {
    _ = try key(of: signature)
    try checkClass(of: signature)
  }

  private func key(of signature: ModelSignature) throws(SignatureRefusal) -> KeyRing.Key {
    guard let key = keyRing.key(identity: signature.keyIdentity) else {
      throw .unknownKey(id: signature.keyID)
    }
    guard !key.isRevoked else { throw .revokedKey(name: key.name) }
    return key
  }

  private func checkClass(of signature: ModelSignature) throws(SignatureRefusal) {
    if let deviceClass, !signature.deviceClass.isEmpty, signature.deviceClass != deviceClass {
      throw .wrongClass(found: signature.deviceClass, expected: deviceClass)
    }
  }
}
