// SPDX-License-Identifier: Apache-2.0
import NNQFiles
import Testing

@Suite struct SHA256Tests {
  @Test(
    "gives the published hashes of FIPS 180-4",
    arguments: [
      ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
      ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
      (
        "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
      ),
      (
        "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmn"
          + "hijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu",
        "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1"
      ),
    ])
  func published(text: String, hash: String) {
    #expect(SHA256.hex(Array(text.utf8)) == hash)
  }

  @Test("gives the published hash of a million letters a")
  func million() {
    let hash = SHA256.hex([UInt8](repeating: 0x61, count: 1_000_000))
    #expect(hash == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0")
  }

  @Test("the CPU's instructions change no bit")
  func instructions() {
    for count in [0, 1, 63, 64, 65, 128, 1000] {
      let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31) }
      var plain = SHA256(takesInstructions: false)
      plain.update(bytes)
      #expect(plain.hex() == SHA256.hex(bytes))
    }
  }

  @Test("does not depend on how the bytes are cut")
  func pieces() {
    let bytes = (0..<300).map { UInt8(truncatingIfNeeded: $0 &* 7) }
    let whole = SHA256.hex(bytes)
    for step in 1...130 {
      var hash = SHA256()
      for start in stride(from: 0, to: bytes.count, by: step) {
        hash.update(bytes, in: start..<min(start + step, bytes.count))
      }
      #expect(hash.hex() == whole)
    }
  }

  @Test("equals the textbook's rounds for every length around a block")
  func oracle() {
    for count in 0...200 {
      let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 73 &+ count) }
      var hash = SHA256()
      hash.update(bytes)
      #expect(hash.digest() == Self.slow(bytes))
    }
  }

  /// FIPS 180-4, section 6.2, word by word; the constants come from the primes themselves.
  static func slow(_ message: [UInt8]) -> [UInt8] {
    let primes = (2...311).filter { n in (2..<n).allSatisfy { n % $0 != 0 } }
    // The first 32 bits of the fraction of a root: floor(p^(1/n) * 2^32) by search over integers.
    func fraction(of prime: Int, root: Int) -> UInt32 {
      var low: UInt64 = 0
      var high: UInt64 = 1 << 37
      while high - low > 1 {
        let middle = (low + high) / 2
        let square = UInt128(middle) * UInt128(middle)
        let isBelow =
          root == 2
          ? square <= UInt128(prime) << 64
          : square * UInt128(middle) <= UInt128(prime) << 96
        if isBelow { low = middle } else { high = middle }
      }
      return UInt32(truncatingIfNeeded: low)
    }
    func turn(_ x: UInt32, _ n: UInt32) -> UInt32 { x >> n | x << (32 - n) }
    let k = primes.prefix(64).map { fraction(of: $0, root: 3) }
    var h = primes.prefix(8).map { fraction(of: $0, root: 2) }
    var padded = message + [0x80]
    while padded.count % 64 != 56 { padded.append(0) }
    for shift in stride(from: 56, through: 0, by: -8) {
      padded.append(UInt8(truncatingIfNeeded: (message.count * 8) >> shift))
    }
    for block in stride(from: 0, to: padded.count, by: 64) {
      var w = (0..<16).map { word in
        (0..<4).reduce(UInt32(0)) { $0 << 8 | UInt32(padded[block + word * 4 + $1]) }
      }
      for t in 16..<64 {
        let s0 = turn(w[t - 15], 7) ^ turn(w[t - 15], 18) ^ w[t - 15] >> 3
        let s1 = turn(w[t - 2], 17) ^ turn(w[t - 2], 19) ^ w[t - 2] >> 10
        w.append(w[t - 16] &+ s0 &+ w[t - 7] &+ s1)
      }
      var v = h
      for t in 0..<64 {
        let s1 = turn(v[4], 6) ^ turn(v[4], 11) ^ turn(v[4], 25)
        let choice = (v[4] & v[5]) ^ (~v[4] & v[6])
        let first = v[7] &+ s1 &+ choice &+ k[t] &+ w[t]
        let s0 = turn(v[0], 2) ^ turn(v[0], 13) ^ turn(v[0], 22)
        let majority = (v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2])
        v = [first &+ s0 &+ majority] + v.prefix(7)
        v[4] = v[4] &+ first
      }
      for index in 0..<8 { h[index] = h[index] &+ v[index] }
    }
    return h.flatMap { word in [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: word >> $0) } }
  }
}
