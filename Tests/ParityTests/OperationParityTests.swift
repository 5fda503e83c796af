// SPDX-License-Identifier: Apache-2.0
import NNQFormat
import NNQReference
import NNQRuntime
import NNQTestSupport
import Testing

/// Images with layers of every operation: the C runtime and the Swift reference, written apart.
@Suite struct OperationParityTests {
  @Test("random chains of all operations give the same codes in every layer", arguments: 0..<60)
  func chains(seed: UInt64) throws {
    var random = TestRandom(seed: 700 + seed)
    let depth = Int.random(in: 1...8, using: &random)
    let image = sampleImageOfOperations(depth: depth, random: &random)
    let bytes = try image.serialized()
    #expect(try FlatImage(parsing: bytes) == image)
    let reference = Int8Inference(image)
    let codes = sampleCodes(9, inputs: image.inputs, width: image.inputWidth, random: &random)
    var runtime = try FirmwareRuntime(image: bytes, kernel: .scalar)
    #expect(runtime.layers.map(\.operation) == image.layers.map(\.operation.kind))
    for row in codes {
      let layers = runtime.layerOutputs(row)
      #expect(layers == reference.layerOutputs(row))
    }
    let expected = codes.flatMap { reference.run($0) }
    for kernel in FirmwareRuntime.availableKernels {
      var runtime = try FirmwareRuntime(image: bytes, kernel: .named(kernel))
      let together = runtime.run(codes.flatMap { $0 })
      #expect(together == expected, "\(kernel)")
    }
  }
}
