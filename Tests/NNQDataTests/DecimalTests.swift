// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import NNQData

@Suite struct DecimalTests {
  static func parse(_ text: String) -> Decimal {
    unsafe Array(text.utf8).withUnsafeBytes { unsafe Decimal($0) }
  }

  /// What the standard library's correctly rounded parser makes of plain decimal text.
  static func oracle(_ text: String) -> Decimal {
    let value = Double(text) ?? .nan
    return value.isInfinite ? .infinite : .number(value)
  }

  @Test("equals the standard library bit for bit on random text", arguments: UInt64(1)...10)
  func random(seed: UInt64) {
    var source = RandomSource(seed: seed)
    func digits(_ count: Int) -> String {
      String((0..<count).map { _ in Character("\(source.below(10))") })
    }
    for _ in 0..<10_000 {
      var text = ["", "", "-", "+"][source.below(4)]
      text += String(repeating: "0", count: source.below(8) == 0 ? source.below(30) : 0)
      // Up to 40 digits: far more than a binary64 holds.
      let whole = source.below(source.below(3) == 0 ? 25 : 6)
      text += digits(whole)
      let hasPoint = source.below(4) > 0
      if hasPoint { text += "." }
      var fraction = hasPoint ? source.below(source.below(3) == 0 ? 25 : 12) : 0
      if whole == 0, fraction == 0 {
        fraction = 1
        if !hasPoint { text += "." }
      }
      if source.below(4) == 0 { text += String(repeating: "0", count: source.below(20)) }
      text += digits(fraction)
      if source.below(3) == 0 {
        text += ["e", "E"][source.below(2)] + ["", "-", "+"][source.below(3)]
        text += "\(source.below([10, 30, 400][source.below(3)]))"
      }
      if Self.parse(text) != Self.oracle(text) { Issue.record("\(text), seed \(seed)") }
    }
  }

  @Test("gives back every binary64 that is written in full", arguments: UInt64(1)...5)
  func roundTrip(seed: UInt64) {
    var source = RandomSource(seed: seed)
    for _ in 0..<10_000 {
      let isAny = source.below(4) == 0
      let value = isAny ? Double(bitPattern: source.next()) : source.normal()
      guard value.isFinite else { continue }
      if Self.parse("\(value)") != .number(value) { Issue.record("\(value), seed \(seed)") }
    }
  }

  @Test("rounds halfway cases to even")
  func halfway() {
    for exponent in 53...63 {
      for odd in [1, 3, 5, 1001] as [UInt64] {
        let step = UInt64(1) << UInt64(exponent - 53)
        // The middle between two neighbours, and both of its own neighbours.
        let middle = (UInt64(1) << UInt64(exponent)) + odd * step
        for value in [middle - 1, middle, middle + 1] {
          for text in ["\(value)", "\(value).0", "\(value).00001", "\(value)e-3", "\(value)e9"] {
            #expect(Self.parse(text) == Self.oracle(text), "\(text)")
          }
        }
      }
    }
  }

  @Test(
    "takes the forms that tables use",
    arguments: [
      ("0", 0), ("-0", -0.0), ("5.", 5), (".5", 0.5), ("+1.5", 1.5), ("-1e3", -1000),
      ("1E-2", 0.01), (" 7 ", 7), ("007", 7), ("1e22", 1e22), ("1e23", 1e23),
      ("0e999999999999999999999", 0), ("4.9e-324", .leastNonzeroMagnitude), ("1e-400", 0),
      ("9007199254740993", 9_007_199_254_740_992), ("1e+05", 100_000),
    ])
  func forms(text: String, value: Double) {
    #expect(Self.parse(text) == .number(value))
    #expect("\(Self.parse(text))" == "\(Decimal.number(value))")
  }

  @Test("a missing reading", arguments: ["", " ", "   ", "NA", "NaN", "nan", "null", " NA "])
  func missing(text: String) { #expect(Self.parse(text) == .missing) }

  @Test(
    "an infinity", arguments: ["inf", "-inf", "+Infinity", "INF", "1e309", "-2e400", "1e99999999"])
  func infinite(text: String) { #expect(Self.parse(text) == .infinite) }

  @Test(
    "what is no number",
    arguments: [
      "n/a", "N/A", "-", "+", ".", "-.", "e5", "1e", "1e+", "1e5.", "0x10", "0x1p3", "1,5", "1 5",
      "1_000", "--1", "+-1", "1.2.3", "1e5e5", "12abc", "abc", "\u{662}", "\t1", "1\u{0}", "true",
      "nan(1)", "-nan", "infinit", "1f", "1d5", "\u{a0}1",
    ])
  func noNumber(text: String) { #expect(Self.parse(text) == .notANumber) }

  @Test("never traps on random bytes", arguments: UInt64(1)...3)
  func fuzz(seed: UInt64) {
    var source = RandomSource(seed: seed)
    let alphabet = Array("0123456789.+-eE nafi\u{0}\u{ff}".utf8)
    for _ in 0..<20_000 {
      let bytes = (0..<source.below(30)).map { _ in alphabet[source.below(alphabet.count)] }
      let result = unsafe bytes.withUnsafeBytes { unsafe Decimal($0) }
      if case .number(let value) = result { #expect(value.isFinite) }
    }
  }
}
