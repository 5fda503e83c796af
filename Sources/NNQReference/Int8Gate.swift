// SPDX-License-Identifier: Apache-2.0
import NNQFormat

extension FlatImage.Layer {
  /// The first half of the codes, through the table where there is one, times the second half,
  /// requantized and clamped.
  ///
  /// - Shape: `x` is `[inputs]`, the result half as long.
  /// - Range: a difference of codes is at most 255 or 32,768 in size, so a product at most 2^30.
  func run(_ gate: Gate, _ x: [Int16]) -> [Int16] {
    zip(x[..<outputs], x[outputs...]).map { first, second in
      // What a table of 16-bit codes hands on here has 16 bits, whatever the layer hands on.
      let value = table.map { $0.code(first, as: $0.width) } ?? first
      return clamped(
        (Int64(value) - Int64(gate.firstZeroPoint))
          * (Int64(second) - Int64(gate.secondZeroPoint)),
        gate.factor)
    }
  }
}
