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

  @Test("coarse tables have the codes that TFLite demands, and go there without rounding")
  func tables() throws {
    for activation in [Activation.tanh, .sigmoid] {
      var settings = QuantizationSettings()
      (settings.inputWidth, settings.outputWidth) = (.eight, .eight)
      settings.activations = .eight
      settings.takesFineTables = false
      let float = sampleFloatModel(
        .regression, widths: [5, 8, 6, 2], activation: activation, seed: 3)
      let model = try Int8Model.quantizing(float, settings).model
      let file = try model.tflite()
      #expect(file.roundedRows == 0)
      let again = try int8(file.bytes, ImportSettings(task: .regression))
      #expect(again.tensors == model.tensors)
      #expect(again.image.layers.map(\.dense) == model.image.layers.map(\.dense))
      for (own, other) in zip(model.image.layers, again.image.layers) {
        // LiteRT rounds in binary32: an entry next to a tie may differ.
        #expect(zip(own.entries, other.entries).allSatisfy { abs($0 - $1) <= 1 })
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
    settings.activations = width == .eight ? .eight : .sixteen
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

extension FlatImage.Layer {
  /// The entries of its table of 8-bit codes; empty without one.
  fileprivate var entries: [Int] {
    if case .eight(let codes) = table { codes.map { Int($0) } } else { [] }
  }
}
