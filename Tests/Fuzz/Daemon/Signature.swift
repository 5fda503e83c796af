// SPDX-License-Identifier: Apache-2.0
import NNQSigning

/// A signature that is read is written again with the same bytes; without the key it is never good.
func fuzzSignature(_ bytes: [UInt8]) {
  if let signature = try? ModelSignature(parsing: bytes) { must(signature.serialized() == bytes) }
  let check = SignatureCheck(
    keyRing: KeyRing(keys: []), deviceClass: nil, minimumVersion: 0, now: 0)
  must((try? check.verify(model: bytes, signature: bytes)) == nil)
}
