// SPDX-License-Identifier: Apache-2.0
#if Signing
  import CSodium
#endif

/// Ed25519 by libsodium, the one file that calls it.
///
/// - Source: RFC 8032. libsodium refuses points of small order and signatures that are not in their
///   one form, so a signature cannot be changed into another one that is good too.
public enum Ed25519 {
  public static let seedBytes = 32
  public static let keyBytes = 32
  public static let signatureBytes = 64

  /// Whether this build has libsodium.
  public static var isAvailable: Bool {
    #if Signing
      return sodium_init() >= 0
    #else
      return false
    #endif
  }

  /// 32 bytes from the operating system's source of randomness.
  static func randomSeed() throws(SigningError) -> [UInt8] {
    guard isAvailable else { throw .notBuilt }
    var seed = [UInt8](repeating: 0, count: seedBytes)
    #if Signing
      unsafe randombytes_buf(&seed, seedBytes)
    #endif
    return seed
  }

  /// The public key of a seed.
  static func publicKey(ofSeed seed: [UInt8]) throws(SigningError) -> [UInt8] {
    try keys(ofSeed: seed).open
  }

  /// The signature of a message.
  static func sign(_ message: [UInt8], seed: [UInt8]) throws(SigningError) -> [UInt8] {
    let keys = try keys(ofSeed: seed)
    var signature = [UInt8](repeating: 0, count: signatureBytes)
    #if Signing
      let status = unsafe crypto_sign_detached(
        &signature, nil, message, UInt64(message.count), keys.secret)
      precondition(status == 0, "signing cannot fail")
    #endif
    return signature
  }

  /// Whether the signature of the message was made with the secret half of the key; false without
  /// libsodium.
  static func isValid(_ signature: [UInt8], of message: [UInt8], key: [UInt8]) -> Bool {
    precondition(signature.count == signatureBytes && key.count == keyBytes)
    guard isAvailable else { return false }
    #if Signing
      return unsafe crypto_sign_verify_detached(
        signature, message, UInt64(message.count), key) == 0
    #else
      return false
    #endif
  }

  private static func keys(
    ofSeed seed: [UInt8]
  ) throws(SigningError) -> (open: [UInt8], secret: [UInt8]) {
    precondition(seed.count == seedBytes)
    guard isAvailable else { throw .notBuilt }
    var open = [UInt8](repeating: 0, count: keyBytes)
    var secret = [UInt8](repeating: 0, count: 64)
    #if Signing
      let status = unsafe crypto_sign_seed_keypair(&open, &secret, seed)
      precondition(status == 0, "a seed always has keys")
    #endif
    return (open, secret)
  }
}
