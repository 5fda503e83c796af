// SPDX-License-Identifier: Apache-2.0
import NNQLinalg

/// One step of Adam for the numbers of a network.
///
/// - Source: Kingma and Ba 2015.
struct AdamStep {
  let rate: Double
  private let inverse: Double

  private static let first = Double(Float(0.9))
  private static let second = Double(Float(0.999))
  /// Gradients by codes are as small as the codes' steps.
  private static let epsilon = 1e-12

  /// - Parameters:
  ///   - rate: about the most that a number moves by.
  ///   - number: of the step, from 1.
  init(rate: Double, number: Int) {
    var powers = (first: 1.0, second: 1.0)
    for _ in 0..<number { powers = (powers.first * Self.first, powers.second * Self.second) }
    self.rate = rate / (1 - powers.first)
    inverse = 1 / (1 - powers.second)
  }

  func move(
    _ numbers: Vector<Float>, _ gradient: Vector<Float>, mean: Vector<Float>, square: Vector<Float>
  ) {
    numbers.stepAdamW(
      gradient: gradient, mean: mean, square: square, rate: rate, inverse: inverse, decay: 0,
      first: Self.first, second: Self.second, epsilon: Self.epsilon)
  }
}
