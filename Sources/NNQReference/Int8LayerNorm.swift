// SPDX-License-Identifier: Apache-2.0
import NNQFormat

extension FlatImage.Layer {
  /// `gain * z + bias` for each code, requantized and clamped, with z the code's distance from the
  /// mean of all over the root of the variance, in units of 2^-15.
  ///
  /// - Shape: `x` is `[inputs]`, the result as long.
  /// - Range: with n codes, `n * squares` is at most 2^62; |z| stays below 2^23 because no distance is
  ///   more than `sqrt(n - 1)` deviations.
  /// - Rounding: the root down, from 30 to 31.5 bits; each quotient to nearest, ties away from 0.
  func run(_ norm: LayerNorm, _ x: [Int16]) -> [Int16] {
    let count = Int64(x.count)
    let sum = x.reduce(Int64(0)) { $0 + Int64($1) }
    let squares = x.reduce(Int64(0)) { $0 + Int64($1) * Int64($1) }
    // n^2 times the variance, and epsilon in the same unit.
    var spread = count * squares - sum * sum + Int64(norm.epsilon)
    var doublings: Int64 = 0
    while spread < 1 << 60 {
      spread <<= 2
      doublings += 1
    }
    let root = squareRoot(spread)
    return x.enumerated().map { index, code in
      let distance = count * Int64(code) - sum
      let size = (abs(distance) << (doublings + 15) + root >> 1) / root
      let z = distance < 0 ? -size : size
      return clamped(
        Int64(norm.gain[index]) * z + Int64(norm.bias[index]), norm.factors[index])
    }
  }
}

/// The largest whole number whose square is at most `value`, bit by bit.
///
/// - Range: `value` is 0 ..< 2^63.
private func squareRoot(_ value: Int64) -> Int64 {
  var root: Int64 = 0
  for bit in stride(from: Int64(31), through: 0, by: -1) {
    let larger = root | 1 << bit
    // Its square is below 2^64; unsigned, it cannot overflow.
    if UInt64(larger) * UInt64(larger) <= UInt64(value) { root = larger }
  }
  return root
}
