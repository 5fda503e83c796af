// SPDX-License-Identifier: Apache-2.0
import Glibc
import Testing

@testable import NNQCommands

@Suite struct TemperatureTests {
  /// SciPy: minimize_scalar(mean(logaddexp(0, z / T) - y * z / T), bounds=(0.05, 20)) for T.
  @Test("two classes: agrees with a minimum found by SciPy")
  func binary() {
    let found = Temperature(
      logits: [-3, 2, 1.5, -0.5, 4, 2.5, 0.5, 3, -4, -2, -1, 2],
      truths: [0, 1, 0, 0, 1, 0, 1, 1, 0, 1, 0, 1], areClasses: false)
    // Rounded to 1/10000.
    #expect(abs(found.value - 2.197763756437694) <= 0.5e-4)
    #expect(!found.isAtEnd)
  }

  /// SciPy, as above, for the mean of -log_softmax(3 * log(P) / T).
  @Test("several classes: agrees with a minimum found by SciPy")
  func multiclass() {
    let probabilities = [
      0.7, 0.2, 0.1, 0.1, 0.1, 0.8, 0.2, 0.6, 0.2, 0.3, 0.5, 0.2, 0.1, 0.8, 0.1, 0.05, 0.15, 0.8,
      0.6, 0.1, 0.3, 0.9, 0.05, 0.05, 0.2, 0.3, 0.5, 0.1, 0.2, 0.7, 0.55, 0.25, 0.2, 0.3, 0.4, 0.3,
    ]
    let found = Temperature(
      logits: probabilities.map { 3 * log($0) }, truths: [0, 2, 1, 0, 1, 2, 2, 0, 1, 2, 0, 1],
      areClasses: true)
    #expect(abs(found.value - 1.5325846467709006) <= 0.5e-4)
  }

  @Test("rows without a mistake, and logits without a meaning, end at a bound or change nothing")
  func ends() {
    let sure = Temperature(logits: [-1, 1], truths: [0, 1], areClasses: false)
    #expect(sure.isAtEnd && sure.value == Temperature.range.lowerBound)
    let wrong = Temperature(logits: [-1, 1], truths: [1, 0], areClasses: false)
    #expect(wrong.isAtEnd && wrong.value == Temperature.range.upperBound)
    for logits in [[0.0, 0], [.nan, 1], []] {
      let nothing = Temperature(
        logits: logits, truths: logits.map { _ in 0 }, areClasses: false)
      #expect(nothing.isAtEnd && Temperature.range.contains(nothing.value))
    }
  }
}
