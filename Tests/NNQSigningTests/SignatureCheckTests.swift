// SPDX-License-Identifier: Apache-2.0
import NNQFormat
import NNQQuantize
import NNQTestSupport
import Testing

@testable import NNQSigning

@Suite(.enabled(if: Ed25519.isAvailable, "built without the package trait Signing"))
struct SignatureCheckTests {
  private let key: SecretKey
  private let packed: [UInt8]
  private let image: [UInt8]
  private let float: [UInt8]

  init() throws {
    key = SecretKey(name: "plant", seed: (0..<32).map { UInt8($0) })
    let shape = sampleShapes[0]
    let model = sampleFloatModel(shape.0, widths: shape.1, activation: shape.2, seed: 8)
    let (int8, _) = try Int8Model.quantizing(model, QuantizationSettings(), calibration: nil)
    packed = try Model.int8(int8).serialized()
    image = try int8.image.serialized()
    float = try Model.float(model).serialized()
  }

  private func check(
    _ edit: (inout SignatureCheck) -> Void = { _ in }
  ) throws -> SignatureCheck {
    var check = SignatureCheck(
      keyRing: KeyRing(keys: [try key.publicKey()]), deviceClass: "motor", now: 1_000)
    edit(&check)
    return check
  }

  private func sign(
    _ bytes: [UInt8], deviceClass: String = "motor", version: UInt64 = 7, expires: Int64? = nil
  ) throws -> [UInt8] {
    try ModelSignature(
      signing: bytes, with: key, deviceClass: deviceClass, modelVersion: version, expires: expires
    ).serialized()
  }

  @Test("keys and signatures are those of RFC 8032")
  func rfc8032() throws {
    let seed = try #require(
      KeyText.bytes(
        ofHex: "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb", count: 32))
    let open = try Ed25519.publicKey(ofSeed: seed)
    #expect(
      KeyText.hex(open) == "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c")
    let signature = try Ed25519.sign([0x72], seed: seed)
    #expect(
      KeyText.hex(signature)
        == "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
        + "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00")
    #expect(Ed25519.isValid(signature, of: [0x72], key: open))
    #expect(!Ed25519.isValid(signature, of: [0x73], key: open))
  }

  @Test("a signed model is accepted with what its signature states, packed, as image and as float")
  func accepted() throws {
    for bytes in [packed, image, float] {
      let accepted = try check().verify(model: bytes, signature: try sign(bytes))
      #expect(accepted.keyName == "plant")
      #expect(accepted.signature.modelVersion == 7)
      #expect(accepted.signature.deviceClass == "motor")
    }
    // The signature of the packed file covers the image that a device gets.
    let accepted = try check().verify(model: image, signature: try sign(packed))
    #expect(accepted.signature.imageDigest == sha256(image))
    for deviceClass in ["motor", "", nil] {
      _ = try check { $0.deviceClass = deviceClass }
        .verify(model: packed, signature: try sign(packed, deviceClass: ""))
    }
    _ = try check { $0.deviceClass = nil }.verify(model: packed, signature: try sign(packed))
  }

  @Test("each reason to refuse a model is a case of its own")
  func refusals() throws {
    let good = try sign(packed, expires: 2_000)
    func refused(
      _ refusal: SignatureRefusal, _ edit: (inout SignatureCheck) -> Void = { _ in },
      model: [UInt8]? = nil, signature: [UInt8]? = nil,
      at location: SourceLocation = #_sourceLocation
    ) throws {
      let check = try self.check(edit)
      #expect(throws: refusal, sourceLocation: location) {
        try check.verify(model: model ?? packed, signature: signature ?? good)
      }
    }
    let own = try key.publicKey()
    func ring(_ expires: Int64?, _ isRevoked: Bool) -> KeyRing {
      KeyRing(keys: [
        KeyRing.Key(name: "plant", bytes: own.bytes, expires: expires, isRevoked: isRevoked)
      ])
    }
    let check = try self.check()
    #expect(throws: SignatureRefusal.unsigned) { try check.verify(model: packed, signature: nil) }
    try refused(.malformed(.notASignature), signature: packed)
    try refused(.unknownKey(id: KeyText.hex(own.identity)), { $0.keyRing = KeyRing(keys: []) })
    try refused(.revokedKey(name: "plant"), { $0.keyRing = ring(nil, true) })
    try refused(.expiredKey(name: "plant", at: 1_000), { $0.keyRing = ring(1_000, false) })
    _ = try self.check { $0.keyRing = ring(1_001, false) }.verify(model: packed, signature: good)
    var forged = good
    forged[24] ^= 1
    try refused(.badSignature(keyName: "plant"), signature: forged)
    try refused(
      .otherModel(found: KeyText.hex(sha256(float)), signed: KeyText.hex(sha256(packed))),
      model: float)
    try refused(.wrongClass(found: "motor", expected: "pump"), { $0.deviceClass = "pump" })
    try refused(.wrongClass(found: "motor", expected: ""), { $0.deviceClass = "" })
    try refused(.downgrade(found: 7, minimum: 8), { $0.minimumVersion = 8 })
    try refused(.expired(at: 2_000), { $0.now = 2_000 })
  }

  @Test("every bit flip of a signature is refused")
  func signatureFlips() throws {
    let good = try sign(packed)
    let check = try self.check()
    for bit in 0..<good.count * 8 {
      var bytes = good
      bytes[bit / 8] ^= 1 << UInt8(bit % 8)
      #expect(throws: SignatureRefusal.self, "bit \(bit)") {
        try check.verify(model: packed, signature: bytes)
      }
    }
    for length in 0..<good.count {
      #expect(throws: SignatureRefusal.self) {
        try check.verify(model: packed, signature: Array(good[..<length]))
      }
    }
    #expect(throws: SignatureRefusal.self) {
      try check.verify(model: packed, signature: good + [0])
    }
  }

  @Test("every bit flip of a model is refused, packed, as image and as float")
  func modelFlips() throws {
    let check = try self.check()
    for model in [packed, image, float] {
      let good = try sign(model)
      for bit in 0..<model.count * 8 {
        var bytes = model
        bytes[bit / 8] ^= 1 << UInt8(bit % 8)
        #expect(throws: SignatureRefusal.self, "bit \(bit)") {
          try check.verify(model: bytes, signature: good)
        }
      }
    }
  }

  @Test("another key with the same name is not this key")
  func otherKey() throws {
    let other = SecretKey(name: "plant", seed: [UInt8](repeating: 1, count: 32))
    let signature = try ModelSignature(signing: packed, with: other).serialized()
    let check = try self.check()
    #expect(throws: SignatureRefusal.unknownKey(id: try other.publicKey().identity.hex)) {
      try check.verify(model: packed, signature: signature)
    }
    // The identity alone does not make a key: the same bytes under the name of the trusted one.
    var claimed = signature
    claimed.replaceSubrange(8..<16, with: try key.publicKey().identity)
    #expect(throws: SignatureRefusal.badSignature(keyName: "plant")) {
      try check.verify(model: packed, signature: claimed)
    }
  }

  @Test("a new key's text is read back, and two keys differ")
  func secretKeys() throws {
    let key = try SecretKey(generating: "a-1")
    #expect(try SecretKey(parsing: Array(key.text.utf8)) == key)
    #expect(try SecretKey(generating: "a-1") != key)
    #expect(throws: SigningError.badName("a b")) { try SecretKey(generating: "a b") }
    #expect(throws: SigningError.notASecretKey) {
      try SecretKey(parsing: Array(key.publicKey().line.utf8))
    }
  }
}

extension [UInt8] {
  fileprivate var hex: String { KeyText.hex(self) }
}
