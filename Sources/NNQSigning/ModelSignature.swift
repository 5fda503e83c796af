// SPDX-License-Identifier: Apache-2.0
import NNQFiles
import NNQFormat

/// What a signature says of a model, and the signature itself.
///
/// The file, all numbers little-endian: magic `8E 4E 4E 51`, `u8` form `47` (G), `u8` version 1,
/// `u8` algorithm 1 (Ed25519), `u8` bytes of the class, `u8[8]` key identity, `u64` model version,
/// `i64` end in seconds since 1970 (0 for none), `u8[32]` SHA-256 of the file, `u8[32]` SHA-256 of
/// the flat image (0 for a float model), the class, zeros up to a multiple of 8, and `u8[64]` the
/// Ed25519 signature of all bytes before it.
public struct ModelSignature: Equatable, Sendable {
  /// The first eight bytes of the SHA-256 of the public key.
  public let keyIdentity: [UInt8]
  /// 32 bytes: the model's file as it was signed.
  public let fileDigest: [UInt8]
  /// 32 bytes: the flat image in it; nil for a float model.
  public let imageDigest: [UInt8]?
  /// The device class that the model is for; empty for any.
  public let deviceClass: String
  /// Grows with every release; a verifier refuses a smaller one than it has run.
  public let modelVersion: UInt64
  /// Seconds since 1970, UTC: from then on the signature is not accepted.
  public let expires: Int64?
  let signature: [UInt8]

  /// The most bytes of a signature's file.
  public static let byteLimit = 96 + 64 + 64
  private static let head: [UInt8] = [0x8E, 0x4E, 0x4E, 0x51, 0x47, 1, 1]

  /// Signs a model.
  ///
  /// - Parameters:
  ///   - bytes: the model's file, packed or a flat image.
  ///   - deviceClass: empty for any.
  ///   - expires: seconds since 1970, above 0.
  /// - Throws: ``SigningError``, or ``NNQFormat/ModelFormatError`` when the bytes are no model.
  public init(
    signing bytes: [UInt8], with key: SecretKey, deviceClass: String = "",
    modelVersion: UInt64 = 0, expires: Int64? = nil
  ) throws {
    guard deviceClass.isEmpty || KeyText.isName(deviceClass) else {
      throw SigningError.badName(deviceClass)
    }
    precondition(expires.map { $0 > 0 } ?? true, "an end after 1970")
    keyIdentity = try key.publicKey().identity
    fileDigest = sha256(bytes)
    switch try Model(parsing: bytes) {
    case .float: imageDigest = nil
    case .image: imageDigest = fileDigest
    case .int8(let model): imageDigest = sha256(try model.image.serialized())
    }
    self.deviceClass = deviceClass
    self.modelVersion = modelVersion
    self.expires = expires
    let message = Self.message(
      keyIdentity, fileDigest, imageDigest, deviceClass, modelVersion, expires)
    signature = try Ed25519.sign(message, seed: key.seed)
  }

  /// Reads a signature's file; says nothing about whether the signature is good.
  public init(parsing bytes: [UInt8]) throws(SigningError) {
    guard bytes.count >= 160, bytes.starts(with: Self.head) else { throw .notASignature }
    let classBytes = Int(bytes[7])
    let padded = (classBytes + 7) / 8 * 8
    guard bytes.count == 160 + padded else {
      throw .invalidField("length", found: "\(bytes.count)")
    }
    keyIdentity = Array(bytes[8..<16])
    func number(_ start: Int) -> UInt64 {
      bytes[start..<start + 8].reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }
    modelVersion = number(16)
    let end = Int64(bitPattern: number(24))
    guard end >= 0 else { throw .invalidField("end", found: "\(end)") }
    expires = end == 0 ? nil : end
    fileDigest = Array(bytes[32..<64])
    let image = Array(bytes[64..<96])
    imageDigest = image.allSatisfy { $0 == 0 } ? nil : image
    guard let name = String(validating: bytes[96..<96 + classBytes], as: UTF8.self),
      name.isEmpty || KeyText.isName(name)
    else { throw .invalidField("class", found: KeyText.hex(bytes[96..<96 + classBytes])) }
    guard bytes[96 + classBytes..<96 + padded].allSatisfy({ $0 == 0 }) else {
      throw .invalidField("padding", found: "bytes that are not zero")
    }
    deviceClass = name
    signature = Array(bytes[(96 + padded)...])
  }

  /// The bytes that are signed.
  var message: [UInt8] {
    Self.message(keyIdentity, fileDigest, imageDigest, deviceClass, modelVersion, expires)
  }

  /// The bytes of the signature's file.
  public func serialized() -> [UInt8] { message + signature }

  /// ``keyIdentity`` in hexadecimal.
  public var keyID: String { KeyText.hex(keyIdentity) }

  private static func message(
    _ keyIdentity: [UInt8], _ file: [UInt8], _ image: [UInt8]?, _ deviceClass: String,
    _ version: UInt64, _ expires: Int64?
  ) -> [UInt8] {
    var writer = ByteWriter()
    writer.append(head)
    writer.integer(UInt8(deviceClass.utf8.count))
    writer.append(keyIdentity)
    writer.integer(version)
    writer.integer(expires ?? 0)
    writer.append(file)
    writer.append(image ?? [UInt8](repeating: 0, count: 32))
    writer.append(Array(deviceClass.utf8))
    writer.pad(to: 8)
    return writer.bytes
  }
}

/// The 32 bytes of the SHA-256 of some bytes.
func sha256(_ bytes: [UInt8]) -> [UInt8] {
  var hash = SHA256()
  hash.update(bytes)
  return hash.digest()
}
