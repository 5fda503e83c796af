// SPDX-License-Identifier: Apache-2.0
import NNQFormat
import NNQRuntime

/// A model of the kit and what a runtime must compute of it.
struct Conformance {
  private let model: ConformanceKit.Model
  private let expected: ExpectedLayers
  private let bytes: [UInt8]

  init(_ model: ConformanceKit.Model) throws(ModelFormatError) {
    self.model = model
    expected = ExpectedLayers(model.image)
    bytes = try model.image.serialized()
  }

  /// Every kernel of this machine against the reference: the scalar one layer by layer.
  var here: Check {
    Check(
      name: model.name, fault: faultHere,
      detail:
        "\(model.image.layers.count) layers, \(expected.codes.count) vectors, every kernel here")
  }

  /// What a port's log says of the model.
  func judged(by log: DeviceLog) -> Check {
    Check(
      name: "device, \(model.name)",
      fault: log.fault(in: expected, checksum: Envelope.word(bytes, at: 12)),
      detail: "every layer of every vector")
  }

  private var faultHere: String? {
    do throws(RuntimeFault) {
      var scalar = try FirmwareRuntime(image: bytes, kernel: .scalar)
      for (vector, test) in model.image.selfTests.enumerated() {
        let found = scalar.layerOutputs(test.input)
        let wrong = found.indices.first { found[$0] != expected.codes[vector][$0] }
        if let wrong { return "\(expected.name(ofLayer: wrong)), vector \(vector)" }
      }
      for kernel in FirmwareRuntime.availableKernels {
        var runtime = try FirmwareRuntime(image: bytes, kernel: .named(kernel))
        let found = runtime.run(model.image.selfTests.flatMap(\.input))
        if found != expected.codes.flatMap({ $0.last ?? [] }) {
          return "kernel \(kernel): other outputs than the reference"
        }
      }
      return nil
    } catch {
      return "the C runtime refuses the image: \(error.name)"
    }
  }
}
