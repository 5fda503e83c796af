// SPDX-License-Identifier: Apache-2.0
import NNQTestSupport
import Testing

@testable import NNQSigning

@Suite struct KeyRingTests {
  private static let one = String(repeating: "ab", count: 32)
  private static let two = String(repeating: "cd", count: 32)

  @Test("keys, comments, ends and revocations are read, and lines are written as they are read")
  func reading() throws {
    let text = """
      # the plant's keys

      ed25519 \(Self.one) plant-2026
      ed25519 \(Self.two) old_key.1 expires=2026-02-28 revoked

      """
    let ring = try KeyRing(parsing: Array(text.utf8))
    #expect(ring.keys.map(\.name) == ["plant-2026", "old_key.1"])
    #expect(ring.keys.map(\.isRevoked) == [false, true])
    #expect(ring.keys.map(\.expires) == [nil, 1_772_236_800])
    #expect(try KeyRing(parsing: Array(ring.keys.map(\.line).joined().utf8)) == ring)
  }

  @Test(
    "a line that is not understood makes the ring unusable",
    arguments: [
      ("ed25519 \(one)", KeyLineFault.shape),
      ("rsa \(one) a", .shape),
      ("ed25519 \(one.uppercased()) a", .key),
      ("ed25519 \(one)ab a", .key),
      ("ed25519 \(one) a/b", .name("a/b")),
      ("ed25519 \(one) a Revoked", .attribute("Revoked")),
      ("ed25519 \(one) a revoked revoked", .attribute("revoked")),
      ("ed25519 \(one) a expires=2026-02-29", .attribute("expires=2026-02-29")),
      ("ed25519 \(one) a expires=2026-2-1", .attribute("expires=2026-2-1")),
      ("ed25519 \(two) b", .repeated),
      ("\u{0}", .shape),
    ])
  func badLines(line: String, fault: KeyLineFault) {
    let text = "ed25519 \(Self.two) b\n\(line)\n"
    #expect(throws: SigningError.badLine(2, fault: fault)) {
      try KeyRing(parsing: Array(text.utf8))
    }
  }

  @Test("bytes that are not text, too many of them, and any bytes are refused or read")
  func hostile() {
    #expect(throws: SigningError.badLine(1, fault: .shape)) { try KeyRing(parsing: [0xFF]) }
    #expect(throws: SigningError.tooLong(limit: KeyRing.byteLimit)) {
      try KeyRing(parsing: [UInt8](repeating: 10, count: KeyRing.byteLimit + 1))
    }
    var random = TestRandom(seed: 4)
    let line = Array("ed25519 \(Self.one) a expires=2030-01-01 revoked\n".utf8)
    for _ in 0..<5_000 {
      var bytes = line
      bytes[Int.random(in: bytes.indices, using: &random)] = UInt8.random(
        in: 0...255, using: &random)
      _ = try? KeyRing(parsing: bytes)
      _ = try? SecretKey(parsing: bytes)
    }
  }

  @Test("days follow the calendar from 1970 to 9999")
  func days() throws {
    #expect(CalendarDay("1970-01-02")?.seconds == 86_400)
    #expect(CalendarDay("2000-02-29")?.seconds == 951_782_400)
    #expect(CalendarDay("9999-12-31")?.seconds == 253_402_214_400)
    for text in [
      "1970-01-01", "1969-12-31", "1900-02-29", "2100-02-29", "2026-00-01", "2026-01-00",
    ] {
      #expect(CalendarDay(text) == nil)
    }
    // Every day in order: each is one day after the one before, and is written as it was read.
    var seconds: Int64 = 86_400
    while seconds < 4_200_000_000 {
      let text = CalendarDay.text(of: seconds + 86_399)
      #expect(try #require(CalendarDay(text)).seconds == seconds, "\(text)")
      seconds += 86_400
    }
  }
}
