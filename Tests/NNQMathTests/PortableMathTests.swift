// SPDX-License-Identifier: Apache-2.0
import Glibc
import NNQMath
import NNQTestSupport
import Testing

/// The C library is right to about one unit in the last place: an oracle for a looser bound.
@Suite struct PortableMathTests {
  private func distance(_ a: Double, _ b: Double) -> Double { a == b ? 0 : abs(a - b) / abs(b).ulp }

  @Test("the exponential is within three units of the C library's")
  func exponential() {
    var random = TestRandom(seed: 1)
    for _ in 0..<100_000 {
      let x = Double.random(in: -708...709, using: &random)
      #expect(distance(PortableMath.exp(x), Glibc.exp(x)) <= 3, "\(x)")
    }
  }

  @Test("the exponential is total")
  func exponentialEnds() {
    #expect(PortableMath.exp(0) == 1)
    #expect(PortableMath.exp(1e9) == .infinity)
    #expect(PortableMath.exp(-1e9) == 0)
    #expect(PortableMath.exp(.infinity) == .infinity)
    #expect(PortableMath.exp(-.infinity) == 0)
    #expect(PortableMath.exp(.nan).isNaN)
    #expect(PortableMath.exp(-745) == Glibc.exp(-745))
  }

  @Test("the logarithm is within three units of the C library's")
  func logarithm() {
    var random = TestRandom(seed: 2)
    for _ in 0..<100_000 {
      let x = Glibc.exp(Double.random(in: -700...700, using: &random))
      #expect(distance(PortableMath.log(x), Glibc.log(x)) <= 3, "\(x)")
    }
    #expect(PortableMath.log(1) == 0)
    #expect(PortableMath.log(0) == -.infinity)
    #expect(PortableMath.log(.infinity) == .infinity)
    #expect(PortableMath.log(-1).isNaN)
  }

  @Test("tanh and the sigmoid are within their errors and odd or complementary")
  func activations() {
    var random = TestRandom(seed: 3)
    for _ in 0..<100_000 {
      let x = Double.random(in: -25...25, using: &random)
      for value in [x, x / 100, x * 1e-6] {
        let tanh = PortableMath.tanh(value)
        #expect(abs(tanh / Glibc.tanh(value) - 1) <= 1e-14, "\(value)")
        #expect(PortableMath.tanh(-value) == -tanh)
        let sigmoid = PortableMath.sigmoid(value)
        // Four units of its own and one of the oracle's.
        #expect(distance(sigmoid, 1 / (1 + Glibc.exp(-value))) <= 6, "\(value)")
      }
    }
    #expect(PortableMath.tanh(0) == 0)
    #expect(PortableMath.tanh(1e9) == 1)
    #expect(PortableMath.sigmoid(-1e9) == 0)
    #expect(PortableMath.sigmoid(0) == 0.5)
  }

  @Test("cosine and sine of an angle in turns are within 1e-15")
  func circle() {
    var random = TestRandom(seed: 4)
    for _ in 0..<20_000 {
      let turns = Double.random(in: -1...1, using: &random)
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

  @Test("the error function and its complement are within their errors of the C library's")
  func errorFunction() {
    var random = TestRandom(seed: 5)
    for _ in 0..<50_000 {
      let x = Double.random(in: -6...26, using: &random)
      for value in [x, x / 10, x * 1e-6] {
        #expect(abs(PortableMath.erf(value) / Glibc.erf(value) - 1) <= 1.3e-15, "\(value)")
        #expect(PortableMath.erf(-value) == -PortableMath.erf(value))
        #expect(abs(PortableMath.erfc(value) / Glibc.erfc(value) - 1) <= 1e-13, "\(value)")
      }
    }
    for border in [1, 2.5, -2.5] {
      for x in [border.nextDown, border, border.nextUp] {
        #expect(abs(PortableMath.erfc(x) / Glibc.erfc(x) - 1) <= 1e-13)
        #expect(abs(PortableMath.erf(x) / Glibc.erf(x) - 1) <= 1.3e-15)
      }
    }
  }

  @Test("the error function is total")
  func errorFunctionEnds() {
    #expect(PortableMath.erf(0) == 0)
    #expect(PortableMath.erf(.infinity) == 1)
    #expect(PortableMath.erf(-.infinity) == -1)
    #expect(PortableMath.erfc(.infinity) == 0)
    #expect(PortableMath.erfc(-.infinity) == 2)
    #expect(PortableMath.erf(.nan).isNaN)
    #expect(PortableMath.erfc(.nan).isNaN)
    #expect(PortableMath.erf(.leastNonzeroMagnitude) == .leastNonzeroMagnitude)
  }
}
