// SPDX-License-Identifier: Apache-2.0
import NNQFormat

extension FlatImage.Layer {
  /// `bias + weights * x` for each row, requantized and clamped.
  ///
  /// - Shape: `x` is `[inputs]`, the result `[outputs]`.
  func run(_ dense: Dense, _ x: [Int16]) -> [Int16] {
    (0..<outputs).map { row in
      var accumulator = Int64(dense.bias[row])
      for (weight, code) in zip(dense.weights[row * inputs..<(row + 1) * inputs], x) {
        accumulator += Int64(weight) * Int64(code)
      }
      return clamped(accumulator, dense.factors[row])
    }
  }
}
