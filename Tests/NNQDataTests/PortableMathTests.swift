// SPDX-License-Identifier: Apache-2.0
import Glibc
import Testing

@testable import NNQData

@Suite struct PortableMathTests {
  /// The distance in units in the last place of `b`.
  static func distance(_ a: Double, _ b: Double) -> Double { (a - b).magnitude / b.ulp }

  @Test("the logarithm is within 2 units of the C library's")
  func log() {
    var source = RandomSource(seed: 1)
    for _ in 0..<20_000 {
      let x = source.below(2) == 0 ? source.uniform() : Glibc.exp(100 * source.normal())
      guard x.isNormal else { continue }
      #expect(Self.distance(PortableMath.log(x), Glibc.log(x)) <= 2, "\(x)")
    }
    #expect(PortableMath.log(1) == 0)
  }

  @Test("the exponential is within 2 units of the C library's")
  func exp() {
    var source = RandomSource(seed: 2)
    for _ in 0..<20_000 {
      let x = source.uniform(in: source.below(2) == 0 ? -1...1 : -700...700)
      #expect(Self.distance(PortableMath.exp(x), Glibc.exp(x)) <= 2, "\(x)")
    }
    #expect(PortableMath.exp(0) == 1)
  }

  @Test("cosine and sine of an angle in turns are within 1e-15")
  func circle() {
    var source = RandomSource(seed: 3)
    for _ in 0..<20_000 {
      let turns = source.uniform(in: -1...1)
      let (cosine, sine) = PortableMath.circle(turns: turns)
      // The C library's angle is itself rounded: up to 2 pi * 2^-53.
      #expect((cosine - cos(2 * .pi * turns)).magnitude < 1.7e-15, "\(turns)")
      #expect((sine - sin(2 * .pi * turns)).magnitude < 1.7e-15, "\(turns)")
      let far = PortableMath.circle(turns: turns + 1024)
      #expect((far.sine - sine).magnitude < 1e-12)
    }
  }

  @Test("quarter turns are exact")
  func quarters() {
    let expected: [(Double, Double)] = [(1, 0), (0, 1), (-1, 0), (0, -1)]
    for quarter in -9...9 {
      let (cosine, sine) = PortableMath.circle(turns: Double(quarter) / 4)
      #expect((cosine, sine) == expected[(quarter + 12) % 4])
    }
  }
}
