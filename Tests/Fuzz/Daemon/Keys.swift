// SPDX-License-Identifier: Apache-2.0
import NNQSigning

/// A key ring that is read says the same when its lines are read again.
func fuzzKeys(_ bytes: [UInt8]) {
  _ = try? SecretKey(parsing: bytes)
  guard let ring = try? KeyRing(parsing: bytes) else { return }
  let lines = ring.keys.map(\.line).joined()
  must((try? KeyRing(parsing: Array(lines.utf8))) == ring)
}
