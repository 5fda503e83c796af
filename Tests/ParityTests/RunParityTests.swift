// SPDX-License-Identifier: Apache-2.0
import NNQFormat
import NNQReference
import NNQRuntime
import NNQTestSupport
import Testing

/// Every kernel of this machine and the Swift reference, written apart, on the same images.
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
    let widths = (0...depth).map { _ in Int.random(in: 1...140, using: &random) }
    let image = sampleImage(
      widths: widths, input: seed.isMultiple(of: 2) ? .eight : .sixteen,
      output: seed.isMultiple(of: 3) ? .eight : .sixteen, hasTables: seed.isMultiple(of: 4),
      random: &random)
    try compare(image, rows: 10 + Int(seed) * 3, &random)
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

  @Test("a kernel that no machine has is refused with its name")
  func unknownKernel() throws {
    var random = TestRandom(seed: 1)
    let image = sampleImage(widths: [2, 2], input: .eight, output: .eight, random: &random)
    let bytes = try image.serialized()
    do throws(RuntimeFault) {
      _ = try FirmwareRuntime(image: bytes, kernel: .named("abacus"))
      Issue.record("it was taken")
    } catch {
      #expect(error.name == "kernel")
    }
  }

  private func compare(_ image: FlatImage, rows: Int, _ random: inout TestRandom) throws {
    let reference = Int8Inference(image)
    let bytes = try image.serialized()
    let codes = sampleCodes(rows, inputs: image.inputs, width: image.inputWidth, random: &random)
    let layers = codes.map { reference.layerOutputs($0) }
    let outputs = codes.map { reference.run($0) }
    for kernel in FirmwareRuntime.availableKernels {
      var runtime = try FirmwareRuntime(image: bytes, kernel: .named(kernel))
      #expect(runtime.kernel == kernel)
      for (row, code) in codes.enumerated() {
        let found = runtime.layerOutputs(code)
        #expect(found == layers[row], "\(kernel)")
        let output = runtime.run(code)
        #expect(output == outputs[row] && output == found.last, "\(kernel)")
      }
      let together = runtime.run(codes.flatMap { $0 })
      #expect(together == outputs.flatMap { $0 }, "\(kernel)")
    }
  }
}
