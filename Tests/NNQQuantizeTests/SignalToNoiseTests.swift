// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import NNQQuantize

@Suite struct SignalToNoiseTests {
  @Test("gives the decibels of a table worked by hand")
  func byHand() throws {
    // Around its mean of 1 the signal is 1 + 1; the noise is 0.1^2 + 0.1^2: a factor of 100.
    let ratio = try #require(
      signalToNoise(outputs: 1, exact: [0, 2], quantized: [0.1, 1.9]))
    // Rounding in 0.1 and 1.9 moves the factor by some 1e-15 of itself.
    #expect(abs(ratio - 20) < 1e-12)
  }

  @Test("centres each output by itself")
  func centring() throws {
    // The second output lies at 1000: its own mean is taken off, so it adds 2 to the signal of 2.
    let ratio = try #require(
      signalToNoise(
        outputs: 2, exact: [0, 999, 2, 1001], quantized: [0.5, 999, 2.5, 1001]))
    // 10 log10(4 / 0.5)
    #expect(abs(ratio - 9.030899869919436) < 1e-12)
  }

  @Test("equal outputs have no noise, constant ones no signal")
  func edges() {
    #expect(signalToNoise(outputs: 1, exact: [1, 2], quantized: [1, 2]) == .infinity)
    #expect(signalToNoise(outputs: 1, exact: [1, 1], quantized: [1, 1]) == .infinity)
    #expect(signalToNoise(outputs: 1, exact: [1, 1], quantized: [1, 2]) == nil)
    #expect(signalToNoise(outputs: 1, exact: [1, .nan], quantized: [1, 2]) == nil)
    #expect(signalToNoise(outputs: 1, exact: [1, 2], quantized: [1, .infinity]) == nil)
  }
}
