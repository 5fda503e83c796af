// SPDX-License-Identifier: Apache-2.0
import NNQData
import NNQFiles
import NNQFormat
import NNQReference
import NNQRuntime
import NNQTestSupport
import Testing

@testable import NNQInterop

@Suite struct TFLiteTests {
  @Test(
    "a model written as TFLite comes back with the same layers bit for bit",
    arguments: sampleShapes.indices)
  func roundTrip(index: Int) throws {
    let (kind, widths, activation) = sampleShapes[index]
    let model = sampleFloatModel(kind, widths: widths, activation: activation, seed: 7)
    var settings = ImportSettings(features: model.features.map(\.name))
    if kind == .anomaly {
      settings.threshold = model.task.thresholds[0]
      settings.task = .anomaly
    }
    let again = try imported(try model.tflite(), settings)
    #expect(again.layers == model.layers)
    #expect(again.features.map(\.offset) == model.features.map { Double(Float($0.offset)) })
    #expect(again.features.map(\.scale) == model.features.map { Double(Float($0.scale)) })
    #expect(again.task.kind == kind)
    #expect(
      again.task.targetScaling
        == model.task.targetScaling.map {
          .init(offset: Double(Float($0.offset)), scale: Double(Float($0.scale)))
        })
  }

  @Test("an int8 model written as TFLite comes back with the same integers")
  func int8RoundTrip() throws {
    let model = int8Model([6, 5, 4, 3])
    let file = try model.tflite()
    guard case .int8(let again) = try Model(importing: file.bytes, ImportSettings()) else {
      Issue.record("not an int8 model")
      return
    }
    #expect(file.roundedRows == 0)
    #expect(again.image.layers == model.image.layers)
    #expect(again.tensors == model.tensors)
    #expect(again.input.map(\.zeroPoint) == model.input.map(\.zeroPoint))
  }

  @Test("a layer of 16-bit codes or with a table is not written")
  func notWritten() {
    var model = int8Model([3, 2, 2])
    model.image.layers[1].table = .eight((0..<256).map { Int8($0 - 128) })
    #expect(throws: InteropError.cannotWrite(layer: 1, bits: 8, hasTable: true)) {
      try model.tflite()
    }
    model.image.layers[1].table = nil
    model.image.layers[1].outputWidth = .sixteen
    #expect(throws: InteropError.cannotWrite(layer: 1, bits: 16, hasTable: false)) {
      try model.tflite()
    }
  }

  @Test("an operator that no perceptron has is refused by its name")
  func unsupported() {
    var writer = TFLiteWriter()
    let input = writer.tensor("x", .float, shape: [1, 2])
    let output = writer.tensor("y", .float, shape: [1, 2])
    let weights = writer.floats("w", shape: [2, 2], [1, 2, 3, 4])
    let hidden = writer.tensor("h", .float, shape: [1, 2])
    writer.node(.fullyConnected, [input, weights, -1], output: hidden, .fullyConnected(.none))
    writer.node(.other("ELU"), [hidden], output: output)
    #expect(
      throws: InteropError.unsupportedOperator(.init(name: "y", operation: "ELU"))
    ) { try imported(writer.file(input: input, output: output)) }
    #expect(TFLiteOperator(code: 3, custom: "") == .other("CONV_2D"))
    #expect(TFLiteOperator(code: 32, custom: "Filter").name == "custom operator Filter")
  }

  @Test("arithmetic with constants is folded as in ONNX, and a missing bias is 0")
  func arithmetic() throws {
    var writer = TFLiteWriter()
    let input = writer.tensor("x", .float, shape: [1, 2])
    let output = writer.tensor("y", .float, shape: [1, 1])
    let shifted = writer.tensor("s", .float, shape: [1, 2])
    let hidden = writer.tensor("h", .float, shape: [1, 1])
    writer.node(
      .add, [input, writer.floats("o", shape: [2], [1, -2])], output: shifted, .arithmetic(11))
    writer.node(
      .fullyConnected, [shifted, writer.floats("w", shape: [1, 2], [3, 4]), -1], output: hidden,
      .fullyConnected(.relu))
    writer.node(
      .multiply, [writer.floats("m", shape: [], [5]), hidden], output: output, .arithmetic(21))
    let model = try imported(writer.file(input: input, output: output))
    #expect(model.features.map(\.offset) == [-1, 2])
    #expect(
      model.layers == [
        FloatModel.Layer(inputs: 2, outputs: 1, weights: [3, 4], bias: [0], activation: .relu)
      ])
    #expect(model.task.targetScaling == [.init(offset: 0, scale: 5)])
  }

  @Test("weights and biases in binary16 behind a DEQUANTIZE are widened exactly")
  func binary16() throws {
    var writer = TFLiteWriter()
    let input = writer.tensor("x", .float, shape: [1, 2])
    let output = writer.tensor("y", .float, shape: [1, 2])
    // 1, -2, the least subnormal and the greatest number; 1/3 rounded to 11 bits, and -0.
    let weights = widened("w", shape: [2, 2], [0x3C00, 0xC000, 0x0001, 0x7BFF], &writer)
    let bias = widened("b", shape: [2], [0x3555, 0x8000], &writer)
    writer.node(.fullyConnected, [input, weights, bias], output: output, .fullyConnected(.none))
    let model = try imported(writer.file(input: input, output: output))
    #expect(model.layers.count == 1)
    #expect(model.layers[0].weights == [1, -2, 0x1p-24, 65_504])
    #expect(model.layers[0].bias == [0x1.554p-2, 0])
  }

  @Test("a binary16 constant of another size is refused, and computed binary16 by its type")
  func badBinary16() {
    var writer = TFLiteWriter()
    let input = writer.tensor("x", .float, shape: [1, 2])
    let output = writer.tensor("y", .float, shape: [1, 1])
    let weights = widened("w", shape: [1, 2], [0x3C00], &writer)
    writer.node(.fullyConnected, [input, weights, -1], output: output, .fullyConnected(.none))
    #expect(throws: InteropError.wrongTensor("w", shape: [1, 2])) {
      try imported(writer.file(input: input, output: output))
    }
    var other = TFLiteWriter()
    let half = other.tensor("x", .float16, shape: [1, 2])
    let result = other.tensor("y", .float, shape: [1, 1])
    let ones = other.floats("w", shape: [1, 2], [1, 1])
    other.node(.fullyConnected, [half, ones, -1], output: result, .fullyConnected(.none))
    let node = InteropError.Node(name: "y", operation: "FULLY_CONNECTED")
    #expect(throws: InteropError.unsupportedUse(node, .type("FLOAT16"))) {
      try Model(importing: other.file(input: half, output: result), ImportSettings())
    }
  }

  @Test("a weight of -128 and scales that are no numbers are refused", arguments: [0, 1, 2])
  func badIntegers(fault: Int) throws {
    var writer = TFLiteWriter()
    let input = writer.tensor("x", .int8, shape: [1, 2], scales: [fault == 1 ? .nan : 0.5])
    let output = writer.tensor("y", .int8, shape: [1, 1], scales: [1])
    let weights = writer.tensor(
      "w", .int8, shape: [1, 2], content: [fault == 0 ? 0x80 : 1, 2],
      scales: [fault == 2 ? 0 : 0.5])
    writer.node(
      .fullyConnected, [input, weights, -1], output: output, version: 4, .fullyConnected(.none))
    let file = writer.file(input: input, output: output)
    let node = InteropError.Node(name: "y", operation: "FULLY_CONNECTED")
    let obstacle: InteropError.Obstacle =
      switch fault {
      case 0: .integer(row: 0, found: -128)
      case 1: .quantization(found: "of x")
      default: .quantization(found: "0.0")
      }
    #expect(throws: InteropError.unsupportedUse(node, obstacle)) {
      try Model(importing: file, ImportSettings())
    }
  }

  @Test("a ReLU on its own rounds twice, as LiteRT does, and a tanh rounds to nearest")
  func tables() throws {
    let table = try #require(
      TFLiteTable.codes(
        .relu, from: .init(scale: 0.021880873, zeroPoint: 71),
        to: .init(scale: 0.052315503, zeroPoint: -128)))
    // 0.418, 0.836, 1.254, 1.672 become 0.5, 1, 1.5, 1.5 and then 1, 1, 2, 2; once they were
    // rounded they would be 0, 1, 1, 2.
    #expect(table[70 + 128...75 + 128].elementsEqual([-128, -128, -127, -127, -126, -126]))
    let tanh = try #require(
      TFLiteTable.codes(
        .tanh, from: .init(scale: 0.25, zeroPoint: 0), to: .init(scale: 1 / 128, zeroPoint: 0)))
    // 128 * tanh(0.25) = 31.35, tanh(1) = 97.48; at 4 and beyond 127.9, which is no code.
    #expect([0, 1, -1, 4, 16, -128].map { tanh[$0 + 128] } == [0, 31, -31, 97, 127, -128])
  }

  /// A constant of binary16 and what a DEQUANTIZE makes of it, whose place comes back.
  private func widened(
    _ name: String, shape: [Int], _ bits: [UInt16], _ writer: inout TFLiteWriter
  ) -> Int {
    let half = writer.tensor(name, .float16, shape: shape, content: littleEndianBytes(bits))
    let wide = writer.tensor("\(name)_wide", .float, shape: shape)
    writer.node(.dequantize, [half], output: wide)
    return wide
  }

  /// An int8 model with scales of a few bits, so that every factor can be written exactly.
  private func int8Model(_ widths: [Int]) -> Int8Model {
    var random = TestRandom(seed: 5)
    var layers: [FlatImage.Layer] = []
    for (index, shape) in zip(widths, widths.dropFirst()).enumerated() {
      let isLast = index == widths.count - 2
      layers.append(
        FlatImage.Layer(
          inputs: shape.0, outputs: shape.1, activation: isLast ? .identity : .relu,
          outputWidth: .eight, zeroPoint: isLast ? 3 : -128,
          lowest: -128, highest: 127,
          bias: (0..<shape.1).map { _ in Int32.random(in: -5000...5000, using: &random) },
          factors: (0..<shape.1).compactMap { _ in
            FixedPointMultiplier(Double(Int.random(in: 1...200, using: &random)) / 4096)
          },
          weights: (0..<shape.0 * shape.1).map { _ in Int8.random(in: -127...127, using: &random) })
      )
    }
    let image = FlatImage(
      inputs: widths[0], inputWidth: .eight, layers: layers, task: .regression, probability: nil,
      outputs: (0..<widths[widths.count - 1]).map { _ in
        FlatImage.Output(origin: 3, multiplier: 1 << 30, exponent: -33)
      })
    return Int8Model(
      image: image, features: (0..<widths[0]).map { Feature(name: "x\($0)") },
      task: ModelTask(
        kind: .regression, targets: (0..<widths[widths.count - 1]).map { "y\($0)" },
        targetScaling: (0..<widths[widths.count - 1]).map { _ in .init(offset: 0, scale: 1) }),
      input: (0..<widths[0]).map { _ in
        Int8Model.Input(offset: 0, inverseScale: 4, zeroPoint: -7)
      },
      tensors: layers.map { Int8Model.Tensor(scale: 0.125, zeroPoint: Int32($0.zeroPoint)) })
  }
}

@Suite(.enabled(if: sharedFolder != nil, "the folder shared is absent"))
struct SharedTFLiteTests {
  @Test("an ONNX and a TFLite file of one net give the same network", arguments: sharedNets)
  func sameNetwork(name: String, table: String) throws {
    let path = "dataset_nets/\(name)/\(name)_core"
    let onnx = try importedFloat(path + ".onnx")
    #expect(onnx == (try importedFloat(path + ".tflite")))
    #expect(onnx.features.allSatisfy { $0.offset == 0 && $0.scale == 1 })
  }

  @Test(
    "an int8 net answers with the reference kernels' bytes, in the reference and in the C runtime",
    arguments: [
      "mlperf_tiny_ad/ad01_int8", "mlperf_tiny_ad/ad_per_channel_int8",
      "random_mlp/mlp_16_32_16_4_int8", "random_mlp/mlp_561_256_128_6_int8",
    ])
  func referenceBytes(path: String) throws {
    let start = try #require(sharedFolder) + "/models/" + path
    let file = try readFile(start + ".tflite", limit: .max - 1)
    guard case .int8(let model) = try Model(importing: file, ImportSettings()) else {
      Issue.record("not an int8 model")
      return
    }
    guard case .int8(let input) = try NumPyArray(reading: start + ".input.npy").elements,
      case .int8(let expected) = try NumPyArray(reading: start + ".output.npy").elements
    else {
      Issue.record("not int8 codes")
      return
    }
    var runtime = try FirmwareRuntime(image: try model.image.serialized())
    let codes = input.map { Int16($0) }
    let answers = runtime.run(codes)
    #expect(zip(answers, expected).count { $0 != Int16($1) } == 0)
    #expect(answers.count == expected.count)
    let reference = Int8Inference(model.image)
    let rows = codes.count / model.image.inputs
    for row in stride(from: 0, to: rows, by: 16) {
      let output = reference.run(
        Array(codes[row * model.image.inputs..<(row + 1) * model.image.inputs]))
      let wanted = expected[row * output.count..<(row + 1) * output.count]
      #expect(output.elementsEqual(wanted.map { Int16($0) }), "row \(row)")
    }
  }
}
