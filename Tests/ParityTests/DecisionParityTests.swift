// SPDX-License-Identifier: Apache-2.0
import NNQFormat
import NNQReference
import NNQRuntime
import NNQTestSupport
import Testing

@Suite struct DecisionParityTests {
  @Test("labels, flags, probabilities, scores and counts agree", arguments: 0..<40)
  func decisions(seed: UInt64) throws {
    var random = TestRandom(seed: 500 + seed)
    let kind = ModelTask.Kind.allCases[Int(seed) % 5]
    let inputs = Int.random(in: 1...20, using: &random)
    let outputs =
      switch kind {
      case .binary: 1
      case .anomaly: inputs
      default: Int.random(in: 2...12, using: &random)
      }
    let width: CodeWidth = seed.isMultiple(of: 3) ? .eight : .sixteen
    let image = sampleImage(
      widths: [inputs, 6, outputs], input: seed.isMultiple(of: 2) ? .eight : .sixteen,
      output: width, task: kind, random: &random)
    let reference = Int8Inference(image)
    let runtime = try FirmwareRuntime(image: try image.serialized())
    let rows = sampleCodes(40, inputs: inputs, width: image.inputWidth, random: &random)
    let codes = sampleCodes(40, inputs: outputs, width: width, random: &random)
    for (input, output) in zip(rows, codes) {
      let probabilities = runtime.probabilities(of: output)
      #expect(probabilities == reference.probabilities(output: output))
      switch reference.verdict(input: input, output: output) {
      case .label(let label, let margin) where kind == .anomaly:
        let found = runtime.score(of: input, output: output)
        let score = try #require(found)
        #expect(score == reference.score(input: input, output: output))
        #expect(label == (score > runtime.scoreThreshold ? 1 : 0))
        #expect(margin == runtime.scoreThreshold - score)
      case .label(let label, let margin):
        let found = runtime.label(of: output)
        #expect(found?.label == label)
        #expect(found?.margin == margin)
      case .flags(let flags, let margins):
        let found = runtime.flags(of: output)
        #expect(found?.flags == flags)
        #expect(found?.margins == margins)
      case .values:
        let scale = runtime.scale(ofOutput: 0)
        #expect(scale.multiplier == image.outputs[0].multiplier)
        #expect(scale.exponent == image.outputs[0].exponent)
        #expect(scale.origin == image.outputs[0].origin)
      }
      let counts = (0..<inputs).map { _ in Int32.random(in: .min ... .max, using: &random) }
      let quantized = runtime.codes(ofCounts: counts)
      #expect(quantized == reference.input(counts: counts))
    }
  }

  @Test("probabilities are within their derived error of the exact softmax")
  func probabilityError() throws {
    var random = TestRandom(seed: 900)
    var image = sampleImage(
      widths: [3, 5], input: .eight, output: .sixteen, task: .multiclass, random: &random)
    let scale = 0.0007
    image.probability = FixedPointMultiplier(scale * 1.4426950408889634 * 4096)
    let reference = Int8Inference(image)
    for row in sampleCodes(2_000, inputs: 5, width: .sixteen, random: &random) {
      let found = try #require(reference.probabilities(output: row))
      let highest = Double(row.max() ?? 0)
      let exponentials = row.map { exponential((Double($0) - highest) * scale) }
      let sum = exponentials.reduce(0, +)
      for (q16, exponential) in zip(found, exponentials) {
        // A distance is rounded to 1/8192 octave, a relative error of 8.5e-5 in each exponential;
        // dp = p (1 - p) times twice that, at most 0.25 * 1.7e-4 = 2.8 units of Q0.16, and one unit
        // for the division, the table and saturation.
        #expect(abs(Double(q16) - exponential / sum * 65_536) <= 3.8)
      }
    }
  }

  /// exp by its series on a reduced argument, apart from libm.
  private func exponential(_ x: Double) -> Double {
    var term = 1.0
    var sum = 1.0
    let reduced = x / 1024
    for index in 1...12 {
      term *= reduced / Double(index)
      sum += term
    }
    return (0..<10).reduce(sum) { value, _ in value * value }
  }
}
