// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import NNQData

@Suite struct RandomSourceTests {
  @Test("gives the published numbers of xoshiro256** for the state 1, 2, 3, 4")
  func published() {
    var source = RandomSource(state: [1, 2, 3, 4])
    #expect(
      (0..<6).map { _ in source.next() } == [
        11520, 0, 1_509_978_240, 1_215_971_899_390_074_240, 1_216_172_134_540_287_360,
        607_988_272_756_665_600,
      ])
  }

  @Test("a seed is spread by SplitMix64")
  func seeded() {
    var zero = RandomSource(seed: 0)
    #expect(
      (0..<4).map { _ in zero.next() } == [
        11_091_344_671_253_066_420, 13_793_997_310_169_335_082, 1_900_383_378_846_508_768,
        7_684_712_102_626_143_532,
      ])
    var answer = RandomSource(seed: 42)
    #expect(answer.next() == 1_546_998_764_402_558_742)
  }

  @Test("streams of one seed differ from it and from each other")
  func streams() {
    var firsts: Set<UInt64> = []
    for stream in 0..<1000 {
      var source = RandomSource(seed: 7, stream: UInt64(stream))
      firsts.insert(source.next())
    }
    var plain = RandomSource(seed: 7)
    firsts.insert(plain.next())
    #expect(firsts.count == 1001)
  }

  @Test("uniform numbers are the top 53 bits, below 1")
  func uniform() {
    var bits = RandomSource(seed: 3)
    var source = RandomSource(seed: 3)
    for _ in 0..<1000 {
      let number = source.uniform()
      #expect(number == Double(bits.next() >> 11) / 9_007_199_254_740_992)
      #expect(0..<1 ~= number)
    }
  }

  @Test("integers below a bound are all there, evenly", arguments: [1, 2, 3, 7, 10, 1000])
  func below(bound: Int) {
    var source = RandomSource(seed: UInt64(bound))
    var counts = [Int](repeating: 0, count: bound)
    let draws = 1000 * bound
    for _ in 0..<draws { counts[source.below(bound)] += 1 }
    // Each count is binomial with a deviation below sqrt(1000): seven of them never happen.
    #expect(counts.allSatisfy { ($0 - 1000).magnitude < 222 })
  }

  @Test("integers below the largest bounds stay in range")
  func largeBounds() {
    var source = RandomSource(seed: 9)
    for bound in [Int.max, Int.max / 2 + 2, 1 << 62, 3 << 60] {
      var sum = 0.0
      for _ in 0..<2000 {
        let number = source.below(bound)
        #expect(0..<bound ~= number)
        sum += Double(number) / Double(bound)
      }
      // The mean of 2,000 uniform numbers has a deviation of 0.0065.
      #expect((sum / 2000 - 0.5).magnitude < 0.045)
    }
  }

  @Test("normal numbers have the moments of the normal distribution")
  func normal() {
    var source = RandomSource(seed: 11)
    let count = 100_000
    var sums = [Double](repeating: 0, count: 5)
    var inside = 0
    for _ in 0..<count {
      let number = source.normal()
      var power = 1.0
      for index in sums.indices {
        sums[index] += power
        power *= number
      }
      if number.magnitude < 1 { inside += 1 }
    }
    let moments = sums.map { $0 / Double(count) }
    // Deviations of the means: sqrt(1, 2, 15, 96 / count); six of them.
    #expect(moments[1].magnitude < 0.019)
    #expect((moments[2] - 1).magnitude < 0.027)
    #expect(moments[3].magnitude < 0.074)
    #expect((moments[4] - 3).magnitude < 0.19)
    #expect((Double(inside) / Double(count) - 0.682_69).magnitude < 0.009)
  }

  @Test("normal numbers are the same bits everywhere")
  func normalBits() {
    var source = RandomSource(seed: 1)
    let bits = (0..<4).map { _ in source.normal().bitPattern }
    #expect(
      bits == [
        4_611_165_384_767_988_459, 4_596_005_597_616_082_456, 4_608_542_912_340_514_172,
        13_834_650_183_773_318_812,
      ])
  }

  @Test("a shuffle keeps the elements, and every order is as likely")
  func shuffle() {
    var source = RandomSource(seed: 5)
    var counts: [[Int]: Int] = [:]
    for _ in 0..<24_000 {
      var order = [0, 1, 2, 3]
      source.shuffle(&order)
      counts[order, default: 0] += 1
    }
    #expect(counts.count == 24)
    #expect(counts.keys.allSatisfy { $0.sorted() == [0, 1, 2, 3] })
    #expect(counts.values.allSatisfy { ($0 - 1000).magnitude < 222 })
    var empty: [Int] = []
    source.shuffle(&empty)
    #expect(empty.isEmpty)
  }
}
