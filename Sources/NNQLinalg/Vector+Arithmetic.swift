// SPDX-License-Identifier: Apache-2.0

extension Vector {
  private var loops: Kernels<Scalar> { unsafe Scalar.kernels }

  /// `self += other`
  package func accumulate(_ other: Vector) {
    precondition(count == other.count)
    unsafe loops.accumulate(other.pointer, pointer, count)
  }

  /// `self += factor * other`
  package func accumulate(_ other: Vector, times factor: Double) {
    precondition(count == other.count)
    unsafe loops.addScaled(other.pointer, Scalar(factor), pointer, count)
  }

  /// `self *= factor`
  package func scale(by factor: Double) { unsafe loops.scale(Scalar(factor), pointer, count) }

  /// Brings each number into `-limit ... limit`.
  package func clamp(to limit: Double) { unsafe loops.clamp(Scalar(limit), pointer, count) }

  /// The sum of the squares in binary64; infinite or not a number when one of the numbers is.
  package var sumOfSquares: Double { unsafe loops.sumSquares(pointer, count) }

  /// The sum in binary64.
  package var sum: Double { unsafe loops.sum(pointer, count) }

  /// A step of Adam with decoupled decay: see `nnq_adamw`.
  ///
  /// - Parameters:
  ///   - rate: the learning rate over the correction of the mean.
  ///   - inverse: 1 over the correction of the mean square.
  ///   - decay: the share of each parameter that is taken off.
  package func stepAdamW(
    gradient: Vector, mean: Vector, square: Vector, rate: Double, inverse: Double, decay: Double,
    first: Double, second: Double, epsilon: Double
  ) {
    precondition(gradient.count == count && mean.count == count && square.count == count)
    unsafe loops.adamW(
      pointer, gradient.pointer, mean.pointer, square.pointer, Scalar(rate), Scalar(inverse),
      Scalar(decay), Scalar(first), Scalar(second), Scalar(epsilon), count)
  }

  /// A step of gradient descent with momentum.
  package func stepDownhill(gradient: Vector, velocity: Vector, rate: Double, momentum: Double) {
    precondition(gradient.count == count && velocity.count == count)
    unsafe loops.gradientStep(
      pointer, gradient.pointer, velocity.pointer, Scalar(rate), Scalar(momentum), count)
  }
}
