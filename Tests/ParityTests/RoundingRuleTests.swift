// SPDX-License-Identifier: Apache-2.0
import NNQFormat
import NNQTestSupport
import Testing

@testable import NNQReference

@Suite struct RoundingRuleTests {
  /// The two roundings as exact fractions: first ties up, then ties away from zero.
  private func twice(_ sum: Int32, _ factor: FixedPointMultiplier) -> Int64 {
    let doubled = Int64(sum) * Int64(factor.multiplier) * 2
    let high = (doubled + 1 << 31) >> 32
    let divisor: Int64 = 1 << Int64(factor.shift - 31)
    let magnitude = (high.magnitude + UInt64(divisor) / 2) / UInt64(divisor)
    return high < 0 ? -Int64(magnitude) : Int64(magnitude)
  }

  @Test("tflite-double rounds twice, for any sum and factor below 1")
  func double() throws {
    var random = TestRandom(seed: 5)
    for _ in 0..<20_000 {
      let factor = try #require(
        FixedPointMultiplier(
          multiplier: Int32.random(in: FixedPointMultiplier.multipliers, using: &random),
          shift: Int.random(in: 31...62, using: &random)))
      // Sums of every size, so that ties and both ends come up.
      let bits = Int32.random(in: 0...31, using: &random)
      let sum = Int32.random(in: .min ... .max, using: &random) >> bits
      #expect(Int64(TFLiteDouble.requantize(sum, factor)) == twice(sum, factor))
    }
  }

  @Test(
    "a quarter of a sum under each rule: ties of both signs",
    arguments: [
      (1, 0, 1, 0), (-1, 0, 0, 0), (2, 1, 1, 0), (-2, 0, -1, 0), (3, 1, 1, 1), (-3, -1, -1, -1),
      (6, 2, 2, 2), (-6, -1, -2, -2), (10, 3, 3, 2), (-10, -2, -3, -2),
    ] as [(Int32, Int64, Int64, Int64)])
  func ties(sum: Int32, once: Int64, twice: Int64, float: Int64) throws {
    let quarter = try #require(FixedPointMultiplier(multiplier: 1 << 30, shift: 32))
    #expect(requantize(Int64(sum), quarter) == once)
    #expect(Int64(TFLiteDouble.requantize(sum, quarter)) == twice)
    let scale = LiteRTFloat.scale(quarter, taken: nil, made: nil)
    for zeroPoint: Int64 in [0, 7, -100] {
      #expect(
        LiteRTFloat.code(sum, scale, zeroPoint: zeroPoint, -128...127) == float + zeroPoint)
    }
  }

  @Test("the binary32 scale of a row comes back from its factor bit for bit")
  func scale() throws {
    var random = TestRandom(seed: 6)
    for _ in 0..<20_000 {
      let taken = Float.random(in: 0.001...1, using: &random)
      let weights = Float.random(in: 0.0001...0.1, using: &random)
      let made = Float.random(in: 0.001...1, using: &random)
      let factor = try #require(
        FixedPointMultiplier(Double(taken) * Double(weights) / Double(made)))
      let scale = LiteRTFloat.scale(factor, taken: Double(taken), made: Double(made))
      #expect(scale == taken * weights / made)
    }
  }

  @Test("under nnq's rule an image gives what the reference gives, under others codes in range")
  func images() {
    var random = TestRandom(seed: 7)
    for _ in 0..<40 {
      let widths = (0..<4).map { _ in Int.random(in: 1...20, using: &random) }
      let image = sampleImage(
        widths: widths, input: .eight, output: .eight, hasTables: true, random: &random)
      let input = (0..<widths[0]).map { _ in Int16.random(in: -128...127, using: &random) }
      let own = RuleInference(image, .nnq).layerOutputs(input)
      #expect(own == Int8Inference(image).layerOutputs(input))
      for rule in [RoundingRule.tfliteDouble, .litertFloat] {
        let layers = RuleInference(image, rule).layerOutputs(input)
        #expect(layers.map(\.count) == own.map(\.count))
        for (codes, layer) in zip(layers, image.layers) where layer.table == nil {
          #expect(codes.allSatisfy { layer.lowest...layer.highest ~= $0 })
        }
      }
    }
  }
}
