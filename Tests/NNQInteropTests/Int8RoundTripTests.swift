// SPDX-License-Identifier: Apache-2.0
import NNQFormat
import NNQQuantize
import NNQReference
import NNQTestSupport
import Testing

@testable import NNQInterop

@Suite struct Int8RoundTripTests {
  @Test(
    "a quantized model written as ONNX comes back with the same layers bit for bit",
    arguments: sampleShapes.indices, [CodeWidth.eight, .sixteen])
  func onnx(index: Int, width: CodeWidth) throws {
    let model = try quantized(index, width)
    let file = try model.onnx()
    #expect(file.roundedRows == 0)
    let kind = model.task.kind
    let settings = ImportSettings(task: kind == .anomaly ? .regression : kind)
    let again = try int8(file.bytes, settings)
    #expect(again.image.layers == model.image.layers)
    #expect(again.image.inputWidth == model.image.inputWidth)
    #expect(again.tensors == model.tensors)
    #expect(again.input == model.input)
    // Thresholds are no part of the file, and the scale of an anomaly's score may not be.
    #expect(again.image.outputs.map(\.origin) == model.image.outputs.map(\.origin))
    #expect(again.image.outputs.map(\.multiplier) == model.image.outputs.map(\.multiplier))
  }

  @Test("a quantized ReLU model written as TFLite comes back with the same layers bit for bit")
  func tflite() throws {
    for index in sampleShapes.indices {
      let model = try quantized(index, .eight)
      guard model.image.layers.allSatisfy({ $0.table == nil }) else { continue }
      let file = try model.tflite()
      #expect(file.roundedRows == 0)
      let again = try int8(file.bytes, ImportSettings(task: .regression))
      #expect(again.image.layers == model.image.layers)
      #expect(again.tensors == model.tensors)
    }
  }

  @Test("tables go to TFLite on the scale that it demands, and the outputs stay next to nnq's")
  func tables() throws {
    for activation in [Activation.tanh, .sigmoid] {
      var settings = QuantizationSettings()
      (settings.inputWidth, settings.outputWidth) = (.eight, .eight)
      let float = sampleFloatModel(
        .regression, widths: [5, 8, 6, 2], activation: activation, seed: 3)
      let model = try Int8Model.quantizing(float, settings).model
      let again = try int8(try model.tflite().bytes, ImportSettings(task: .regression))
      let fixed: CodeStep =
        activation == .tanh
        ? CodeStep(scale: 1 / 128, zeroPoint: 0) : CodeStep(scale: 1 / 256, zeroPoint: -128)
      #expect(again.tensors[0].scale == Double(fixed.scale))
      #expect(Int(again.tensors[0].zeroPoint) == fixed.zeroPoint)
      for row in model.image.selfTests.prefix(2) {
        let (own, other) = (row.output, Int8Inference(again.image).run(row.input))
        // Two layers of tables, each off by half a code: a code or two at the end.
        #expect(zip(own, other).allSatisfy { abs($0 - $1) <= 2 })
      }
    }
  }

  @Test("every scale that the quantizer chooses is a number of binary32")
  func binary32() throws {
    for index in sampleShapes.indices {
      let model = try quantized(index, .eight)
      #expect(model.tensors.allSatisfy { Double(Float($0.scale)) == $0.scale })
    }
  }

  // MARK: -

  private func quantized(_ index: Int, _ width: CodeWidth) throws -> Int8Model {
    let (kind, widths, activation) = sampleShapes[index]
    var settings = QuantizationSettings()
    settings.inputWidth = width == .eight ? .eight : .sixteen
    settings.outputWidth = width
    return try Int8Model.quantizing(
      sampleFloatModel(kind, widths: widths, activation: activation, seed: 7), settings
    ).model
  }

  private func int8(_ file: [UInt8], _ settings: ImportSettings) throws -> Int8Model {
    guard case .int8(let model) = try Model(importing: file, settings) else {
      throw InteropError.unknownFormat
    }
    return model
  }
}
