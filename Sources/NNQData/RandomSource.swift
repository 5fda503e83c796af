// SPDX-License-Identifier: Apache-2.0
import NNQMath

/// The one source of randomness: a seed gives the same numbers on every machine and in every
/// version.
///
/// - Source: xoshiro256** 1.0 by Blackman and Vigna, its state filled by SplitMix64 from the seed.
public struct RandomSource: Equatable, Sendable {
  private var state: InlineArray<4, UInt64>
  /// The second of a pair of normal numbers.
  private var spare: Double?

  /// A source that gives the same numbers for the same seed.
  public init(seed: UInt64) {
    var counter = seed
    state = InlineArray { _ in
      counter &+= 0x9E37_79B9_7F4A_7C15
      var word = counter
      word = (word ^ word >> 30) &* 0xBF58_476D_1CE4_E5B9
      word = (word ^ word >> 27) &* 0x94D0_49BB_1331_11EB
      return word ^ word >> 31
    }
  }

  /// A source whose numbers have nothing in common with those of another stream of the same seed.
  public init(seed: UInt64, stream: UInt64) {
    var streams = RandomSource(seed: stream)
    self.init(seed: seed ^ streams.next())
  }

  /// A source with a state of its own, for comparison with published numbers.
  init(state: InlineArray<4, UInt64>) { self.state = state }

  /// Whether all further numbers are the same.
  public static func == (a: RandomSource, b: RandomSource) -> Bool {
    a.state.indices.allSatisfy { a.state[$0] == b.state[$0] } && a.spare == b.spare
  }

  /// 64 random bits.
  public mutating func next() -> UInt64 {
    let scrambled = rotate(state[1] &* 5, 7) &* 9
    let shifted = state[1] &<< 17
    state[2] ^= state[0]
    state[3] ^= state[1]
    state[1] ^= state[2]
    state[0] ^= state[3]
    state[2] ^= shifted
    state[3] = rotate(state[3], 45)
    return scrambled
  }

  /// A number in 0 ..< 1, a multiple of 2^-53, all equally likely.
  public mutating func uniform() -> Double {
    Double(next() >> 11) * 0x1p-53
  }

  /// A number in `range`, which is finite; the upper bound may come out by rounding.
  public mutating func uniform(in range: ClosedRange<Double>) -> Double {
    range.lowerBound + (range.upperBound - range.lowerBound) * uniform()
  }

  /// An integer in 0 ..< `count`, all equally likely.
  ///
  /// - Source: D. Lemire, Fast Random Integer Generation in an Interval, 2019.
  public mutating func below(_ count: Int) -> Int {
    precondition(count > 0)
    let bound = UInt64(count)
    var product = next().multipliedFullWidth(by: bound)
    if product.low < bound {
      let unfair = (0 &- bound) % bound
      while product.low < unfair { product = next().multipliedFullWidth(by: bound) }
    }
    return Int(product.high)
  }

  /// A normally distributed number of mean 0 and variance 1.
  ///
  /// - Rounding: the same bits on every CPU: the logarithm is our own, the square root is exact by
  ///   IEEE 754.
  /// - Source: G. Marsaglia's polar method.
  public mutating func normal() -> Double {
    if let value = spare {
      spare = nil
      return value
    }
    while true {
      let x = 2 * uniform() - 1
      let y = 2 * uniform() - 1
      let square = x * x + y * y
      guard square < 1, square > 0 else { continue }
      let factor = (-2 * PortableMath.log(square) / square).squareRoot()
      spare = y * factor
      return x * factor
    }
  }

  /// Puts the elements into a random order, all orders equally likely.
  ///
  /// - Source: Fisher and Yates, from the last element down.
  public mutating func shuffle(_ elements: inout [Int]) {
    for last in stride(from: elements.count - 1, to: 0, by: -1) {
      elements.swapAt(last, below(last + 1))
    }
  }

  private func rotate(_ word: UInt64, _ count: UInt64) -> UInt64 {
    word &<< count | word &>> (64 &- count)
  }
}
