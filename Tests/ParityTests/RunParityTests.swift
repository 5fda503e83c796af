// SPDX-License-Identifier: Apache-2.0
import NNQFormat
import NNQReference
import NNQRuntime
import NNQTestSupport
import Testing

/// The C runtime and the Swift reference, written apart, on the same images.
@Suite struct RunParityTests {
  @Test("every shape 1...24 x 1...24 gives the same codes in each pair of widths")
  func smallShapes() throws {
    var random = TestRandom(seed: 11)
    for inputs in 1...24 {
      for outputs in 1...24 {
        let input: CodeWidth = (inputs + outputs).isMultiple(of: 2) ? .eight : .sixteen
        let output: CodeWidth = outputs.isMultiple(of: 3) ? .eight : .sixteen
        let image = sampleImage(
          widths: [inputs, outputs], input: input, output: output, random: &random)
        try compare(image, rows: 8, &random)
      }
    }
  }

  @Test("deep networks of odd widths give the same codes in every layer", arguments: 0..<24)
  func deepNetworks(seed: UInt64) throws {
    var random = TestRandom(seed: 100 + seed)
    let depth = Int.random(in: 2...7, using: &random)
    let widths = (0...depth).map { _ in Int.random(in: 1...70, using: &random) }
    let image = sampleImage(
      widths: widths, input: seed.isMultiple(of: 2) ? .eight : .sixteen,
      output: seed.isMultiple(of: 3) ? .eight : .sixteen, hasTables: seed.isMultiple(of: 4),
      random: &random)
    try compare(image, rows: 12, &random)
  }

  @Test("rows of up to 1,030 inputs give the same codes", arguments: [255, 256, 257, 513, 1030])
  func wideRows(inputs: Int) throws {
    var random = TestRandom(seed: UInt64(inputs))
    for input in [CodeWidth.eight, .sixteen] {
      let image = sampleImage(
        widths: [inputs, 9, 5], input: input, output: .sixteen, random: &random)
      try compare(image, rows: 6, &random)
    }
  }

  private func compare(_ image: FlatImage, rows: Int, _ random: inout TestRandom) throws {
    let reference = Int8Inference(image)
    var runtime = try FirmwareRuntime(image: try image.serialized())
    let codes = sampleCodes(rows, inputs: image.inputs, width: image.inputWidth, random: &random)
    for row in codes {
      let expected = reference.layerOutputs(row)
      let layers = runtime.layerOutputs(row)
      #expect(layers == expected)
      let output = runtime.run(row)
      #expect(output == expected.last)
    }
    let outputs = runtime.run(codes.flatMap { $0 })
    #expect(outputs == codes.flatMap { reference.run($0) })
  }
}
