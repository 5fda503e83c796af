// SPDX-License-Identifier: Apache-2.0
import NNQFormat

extension FlatImage.Layer {
  /// `gain * x + sourceGain * source + bias` for each code, requantized and clamped.
  ///
  /// - Shape: `x` and `source` are `[inputs]`, and so is the result.
  func run(_ add: Add, _ x: [Int16], _ source: [Int16]) -> [Int16] {
    zip(x, source).map { code, other in
      clamped(
        Int64(add.gain) * Int64(code) + Int64(add.sourceGain) * Int64(other) + Int64(add.bias),
        add.factor)
    }
  }
}
