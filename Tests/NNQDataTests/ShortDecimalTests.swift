// SPDX-License-Identifier: Apache-2.0
import NNQMath
import Testing

@testable import NNQData

@Suite struct ShortDecimalTests {
  @Test(
    "writes six significant digits without zeros at the end",
    arguments: [
      (0, "0"), (1, "1"), (-1.5, "-1.5"), (0.1, "0.1"), (2.0 / 3, "0.666667"),
      (-123.456789, "-123.457"), (99_999.95, "100000"), (999_999.5, "1000000"),
      (123_456.7, "123457"), (0.000_012_345_678, "0.0000123457"), (1e-30, "0"), (1e7, "10000000"),
      (0.099_999_99, "0.1"), (2820.53, "2820.53"), (-0.0, "0"),
    ] as [(Double, String)])
  func text(value: Double, text: String) { #expect(ShortDecimal(value).text == text) }

  @Test("its value is what its text says, within half a unit of the sixth digit")
  func value() {
    var source = RandomSource(seed: 1)
    for _ in 0..<20_000 {
      let value = source.normal() * PortableMath.exp(source.uniform(in: -12...12))
      let short = ShortDecimal(value)
      #expect(Double(short.text) == short.value)
      #expect((short.value - value).magnitude <= value.magnitude * 5.0001e-6)
      #expect(short.text.filter(\.isNumber).drop { $0 == "0" }.count <= 6)
    }
  }
}
