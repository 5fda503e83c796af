// SPDX-License-Identifier: Apache-2.0
import NNQFormat
import NNQTestSupport
import Testing

@Suite struct NumericsTests {
  @Test("rounds ties toward plus infinity", arguments: [(2, 1), (-2, 0), (6, 2), (-6, -1)])
  func ties(x: Int64, expected: Int64) throws {
    let quarter = try #require(FixedPointMultiplier(multiplier: 1 << 30, shift: 32))
    #expect(requantize(x, quarter) == expected)
  }

  @Test("equals a 128-bit oracle for every shift and random accumulators")
  func oracle() throws {
    var random = TestRandom(seed: 1)
    for shift in FixedPointMultiplier.shifts {
      for _ in 0..<2_000 {
        let multiplier = Int32.random(in: 1 << 30...Int32.max, using: &random)
        let factor = try #require(FixedPointMultiplier(multiplier: multiplier, shift: shift))
        let x = Int64(Int32.random(in: .min ... .max, using: &random))
        let exact = Int128(x) * Int128(multiplier)
        let half = Int128(1) << Int128(shift - 1)
        let divisor = Int128(1) << Int128(shift)
        var quotient = (exact + half) / divisor
        if (exact + half) % divisor < 0 { quotient -= 1 }
        #expect(Int128(requantize(x, factor)) == quotient)
      }
    }
  }

  @Test("a factor is within half a unit of its 31st bit of the real one")
  func factors() throws {
    var random = TestRandom(seed: 2)
    for _ in 0..<20_000 {
      let real =
        Double.random(in: 0.5..<1, using: &random)
        * Double(sign: .plus, exponent: Int.random(in: -29...28, using: &random), significand: 1)
      let factor = try #require(FixedPointMultiplier(real))
      #expect(abs(factor.real / real - 1) <= 0x1p-31)
    }
  }

  @Test("a fraction that rounds up to 2^31 becomes 2^30 with the next exponent")
  func carry() throws {
    let factor = try #require(FixedPointMultiplier((1.0).nextDown))
    #expect(factor.multiplier == 1 << 30)
    #expect(factor.shift == 30)
  }

  @Test(
    "refuses what is not a factor",
    arguments: [0, -1, Double.infinity, .nan, 0x1p31, 0x1p-40, -Double.infinity])
  func refused(real: Double) {
    #expect(FixedPointMultiplier(real) == nil)
  }

  @Test("CRC-32C by the CPU's instructions is that of the table")
  func checksumByInstructions() {
    for count in 0...70 {
      let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 37) }
      var plain = CRC32C(takesInstructions: false)
      plain.update(bytes)
      #expect(plain.value == crc32c(bytes))
    }
  }

  @Test("CRC-32C of the check string")
  func checkString() {
    #expect(crc32c("123456789".utf8) == 0xE306_9283)
  }

  @Test("an input code rounds half up and clamps")
  func inputCodes() {
    let input = Int8Model.Input(offset: 10, inverseScale: 2, zeroPoint: -3)
    #expect(input.code(10, .eight) == -3)
    #expect(input.code(10.25, .eight) == -2)
    #expect(input.code(9.75, .eight) == -3)
    #expect(input.code(1e30, .eight) == 127)
    #expect(input.code(-1e30, .eight) == -128)
  }
}
