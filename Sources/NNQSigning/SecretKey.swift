// SPDX-License-Identifier: Apache-2.0

/// A key that signs models. Its text is one line, `nnq-ed25519-secret SEED NAME`.
public struct SecretKey: Equatable, Sendable {
  public let name: String
  let seed: [UInt8]

  /// The most bytes of a secret key's text.
  public static let byteLimit = 1024
  private static let word = "nnq-ed25519-secret"

  /// A new key.
  ///
  /// - Throws: ``SigningError/notBuilt``, ``SigningError/badName(_:)``.
  public init(generating name: String) throws(SigningError) {
    guard KeyText.isName(name) else { throw .badName(name) }
    self.init(name: name, seed: try Ed25519.randomSeed())
  }

  init(name: String, seed: [UInt8]) {
    self.name = name
    self.seed = seed
  }

  /// Reads a secret key's text.
  public init(parsing bytes: [UInt8]) throws(SigningError) {
    guard bytes.count <= Self.byteLimit, let text = String(validating: bytes, as: UTF8.self) else {
      throw .notASecretKey
    }
    let words = text.split { $0 == " " || $0 == "\n" || $0 == "\r\n" }
    guard words.count == 3, words[0] == Self.word,
      let seed = KeyText.bytes(ofHex: words[1], count: Ed25519.seedBytes), KeyText.isName(words[2])
    else { throw .notASecretKey }
    self.init(name: String(words[2]), seed: seed)
  }

  /// The file's text; whoever reads it can sign.
  public var text: String { "\(Self.word) \(KeyText.hex(seed)) \(name)\n" }

  /// The public half, neither ended nor revoked.
  ///
  /// - Parameter expires: seconds since 1970, UTC.
  /// - Throws: ``SigningError/notBuilt``.
  public func publicKey(expires: Int64? = nil) throws(SigningError) -> KeyRing.Key {
    KeyRing.Key(
      name: name, bytes: try Ed25519.publicKey(ofSeed: seed), expires: expires, isRevoked: false)
  }
}
