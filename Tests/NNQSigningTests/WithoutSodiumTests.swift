// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import NNQSigning

@Suite(.enabled(if: !Ed25519.isAvailable, "built with the package trait Signing"))
struct WithoutSodiumTests {
  @Test("nothing is signed and nothing is taken for signed")
  func refusals() {
    #expect(throws: SigningError.notBuilt) { try SecretKey(generating: "plant") }
    let check = SignatureCheck(keyRing: KeyRing(keys: []), deviceClass: nil, now: 0)
    #expect(throws: SignatureRefusal.notBuilt) { try check.verify(model: [], signature: [1]) }
    #expect(throws: SignatureRefusal.unsigned) { try check.verify(model: [], signature: nil) }
    let nothing = [UInt8](repeating: 0, count: 64)
    #expect(!Ed25519.isValid(nothing, of: [], key: [UInt8](repeating: 0, count: 32)))
  }
}
