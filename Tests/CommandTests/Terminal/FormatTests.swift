// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import NNQCommands

@Suite struct FormatTests {
  @Test(
    "rounds the exact value to the decimals",
    arguments: [
      (0.125, 2, "0.12"), (0.375, 2, "0.38"), (-0.125, 2, "-0.12"), (2.5, 0, "2"),
      (1e22, 0, "1" + "0000000000000000000000"),
      (1.005, 2, "1.00"), (.nan, 2, "nan"), (-.infinity, 2, "-inf"),
    ])
  func fixed(value: Double, decimals: Int, text: String) {
    #expect(Format.fixed(value, decimals: decimals) == text)
  }

  @Test("the longest numbers fit")
  func extremes() {
    #expect(Format.fixed(-.greatestFiniteMagnitude, decimals: 100).count == 1 + 309 + 1 + 30)
    #expect(Format.significant(1e-300, digits: 3) == "1e-300")
    #expect(Format.significant(0.98351, digits: 4) == "0.9835")
  }

  @Test(
    "bytes in binary units",
    arguments: [
      (0, "0 B"), (1023, "1023 B"), (1024, "1.0 KiB"), (3175, "3.1 KiB"), (1_048_524, "1023.9 KiB"),
      (1_048_525, "1.0 MiB"), (1_048_576, "1.0 MiB"), (Int.max, "8192.0 PiB"), (-2048, "-2.0 KiB"),
    ])
  func bytes(count: Int, text: String) {
    #expect(Format.bytes(count) == text)
  }

  @Test(
    "times with three digits",
    arguments: [
      (0, "0.00 ns"), (8.5e-7, "850 ns"), (1.2345e-3, "1.23 ms"), (9.994e-6, "9.99 µs"),
      (9.996e-6, "10.0 µs"), (9.996e-7, "1.00 µs"), (12, "12.0 s"), (1234, "1234 s"),
      (.infinity, "inf s"),
    ])
  func times(seconds: Double, text: String) {
    #expect(Format.time(seconds: seconds) == text)
  }

  @Test(
    "shares never look like 0 % or 100 % unless they are",
    arguments: [
      (0, "0.00 %"), (1, "100.00 %"), (0.0042, "0.42 %"), (0.5, "50.00 %"), (0.000031, "0.0031 %"),
      (0.999986, "99.9986 %"), (1e-6, "0.00010 %"), (1e-12, "0.00000000 %"), (.nan, "nan %"),
    ])
  func percentages(share: Double, text: String) {
    #expect(Format.percent(share) == text)
  }
}
