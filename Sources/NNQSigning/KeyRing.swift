// SPDX-License-Identifier: Apache-2.0

/// The public keys that a verifier trusts, with their ends and revocations.
///
/// The text has one key a line, `ed25519 KEY NAME`, KEY in 64 lower-case hexadecimal digits, and after
/// it `expires=YYYY-MM-DD` or `revoked` or both. Empty lines and lines that start with `#` are left
/// out. A public key file is such a line, so rings are joined by `cat`.
public struct KeyRing: Equatable, Sendable {
  public struct Key: Equatable, Sendable {
    public let name: String
    /// 32 bytes.
    public let bytes: [UInt8]
    /// Seconds since 1970, UTC: from then on the key is not trusted.
    public let expires: Int64?
    public let isRevoked: Bool

    /// The first eight bytes of the key's SHA-256.
    public var identity: [UInt8] { KeyText.identity(of: bytes) }

    /// The key as a line of a key ring, with its line feed.
    public var line: String {
      var line = "ed25519 \(KeyText.hex(bytes)) \(name)"
      if let expires { line += " expires=\(CalendarDay.text(of: expires))" }
      return line + (isRevoked ? " revoked\n" : "\n")
    }
  }

  public let keys: [Key]

  /// The most bytes of a key ring.
  public static let byteLimit = 1 << 20

  public init(keys: [Key]) { self.keys = keys }

  /// Reads a key ring's text.
  ///
  /// - Throws: ``SigningError``; a line that is not understood makes the ring unusable, so that a
  ///   revocation with a slip in it is not passed over.
  public init(parsing bytes: [UInt8]) throws(SigningError) {
    guard bytes.count <= Self.byteLimit else { throw .tooLong(limit: Self.byteLimit) }
    var keys: [Key] = []
    var seen: Set<[UInt8]> = []
    let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    for (index, line) in lines.enumerated() {
      guard let text = String(validating: line, as: UTF8.self) else {
        throw .badLine(index + 1, fault: .shape)
      }
      let words = text.split { $0 == " " || $0 == "\t" || $0 == "\r" }
      guard let first = words.first, !first.hasPrefix("#") else { continue }
      let key: Key
      do throws(KeyFault) { key = try Self.key(words) } catch {
        throw .badLine(index + 1, fault: error.fault)
      }
      guard seen.insert(key.identity).inserted else {
        throw .badLine(index + 1, fault: .repeated)
      }
      keys.append(key)
    }
    self.keys = keys
  }

  /// The key with this identity.
  public func key(identity: [UInt8]) -> Key? { keys.first { $0.identity == identity } }

  private struct KeyFault: Error { let fault: KeyLineFault }

  private static func key(_ words: [Substring]) throws(KeyFault) -> Key {
    guard words.count >= 3, words[0] == "ed25519" else { throw KeyFault(fault: .shape) }
    guard let bytes = KeyText.bytes(ofHex: words[1], count: Ed25519.keyBytes) else {
      throw KeyFault(fault: .key)
    }
    guard KeyText.isName(words[2]) else { throw KeyFault(fault: .name(String(words[2]))) }
    var expires: Int64?
    var isRevoked = false
    for word in words.dropFirst(3) {
      if word == "revoked", !isRevoked {
        isRevoked = true
      } else if word.hasPrefix("expires="), expires == nil,
        let day = CalendarDay(word.dropFirst("expires=".count))
      {
        expires = day.seconds
      } else {
        throw KeyFault(fault: .attribute(String(word)))
      }
    }
    return Key(name: String(words[2]), bytes: bytes, expires: expires, isRevoked: isRevoked)
  }
}
