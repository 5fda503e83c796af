// SPDX-License-Identifier: Apache-2.0
import NNQFormat
import NNQReference
import NNQTestSupport
import Testing

@testable import NNQInterop

@Suite struct ONNXInt8Tests {
  /// Three codes in, two out: weights with a scale a row, a bias in units of the sums.
  private let weights: [Int8] = [3, -4, 127, -127, 5, 6]
  private let scales: [Float] = [0.5, 0.25]

  @Test("float operators between codes give the integers, for int8 and uint8 codes alike")
  func quantizeDequantize() throws {
    let signed = try int8(qdq(.int8))
    let layer = try #require(signed.image.layers.first)
    #expect(layer.dense?.weights == weights)
    // The bias less the zero point -3 of the input times the sum of the weights.
    #expect(layer.dense?.bias == [7 + 378, -9 - 348])
    // 0.5 * 0.5 / 2 and 0.5 * 0.25 / 2
    #expect(layer.dense?.factors.map(\.real) == [0.125, 0.0625])
    #expect([layer.zeroPoint, layer.lowest, layer.highest] == [4, 4, 127])
    #expect(layer.activation == .relu)
    let rule = Int8Model.Input(offset: 0, inverseScale: 2, zeroPoint: -3)
    #expect(signed.input == [rule, rule, rule])
    #expect(signed.image.selfTests.count == 4)
    #expect(signed.image == (try int8(qdq(.uint8))).image)
  }

  @Test("operators on codes give the same integers")
  func operatorsOnCodes() throws {
    let expected = try int8(qdq(.int8)).image.layers[0]
    let file = graph { graph in
      let (x, taken) = quantized(&graph, "x", 0.5, -3, .int8)
      let made = parameters(&graph, "y", 2, 4, .int8)
      let w = graph.constant("w", .int8, shape: [2, 3], bytes(weights))
      let (s, z) = (
        graph.floats("ws", shape: [2], scales), graph.constant("wz", .int8, shape: [2], [0, 0])
      )
      let b = graph.constant("b", .int32, shape: [2], littleEndianBytes([7, -9] as [Int32]))
      let y = graph.node(
        "QGemm", [x] + taken + [w, s, z, b] + made, domain: "com.microsoft",
        [("transB", .integer(1))])
      return graph.node("DequantizeLinear", [y] + made)
    }
    var layer = try int8(file).image.layers[0]
    #expect(layer.activation == .identity)
    #expect(layer.lowest == -128)
    (layer.activation, layer.lowest) = (.relu, 4)
    #expect(layer == expected)

    let product = graph { graph in
      let (x, taken) = quantized(&graph, "x", 0.5, -3, .int8)
      let made = parameters(&graph, "y", 2, 4, .int8)
      let w = graph.constant("w", .int8, shape: [3, 2], bytes([3, -127, -4, 5, 127, 6]))
      let (s, z) = (
        graph.floats("ws", shape: [2], scales), graph.constant("wz", .int8, shape: [2], [0, 0])
      )
      return graph.node("QLinearMatMul", [x] + taken + [w, s, z] + made)
    }
    let model = try int8(product)
    #expect(model.image.layers[0].dense?.weights == weights)
    #expect(model.image.layers[0].dense?.bias == [378, -348])
    #expect(model.image.layers[0].dense?.factors == expected.dense?.factors)
  }

  @Test("weights in columns, of uint8 with the zero point 128 and in binary32 give the same layer")
  func weightForms() throws {
    let expected = try int8(qdq(.int8)).image.layers[0]
    let columns = try int8(
      qdq(.int8) { graph in
        let w = graph.constant("w", .uint8, shape: [3, 2], [131, 1, 124, 133, 255, 134])
        let z = graph.constant("wz", .uint8, shape: [2], [128, 128])
        let s = graph.floats("ws", shape: [2], scales)
        let real = graph.node("DequantizeLinear", [w, s, z], [("axis", .integer(-1))])
        return graph.node("Transpose", [real], [("perm", .integers([1, 0]))])
      })
    #expect(columns.image.layers[0] == expected)
    let rounded = try int8(
      qdq(.int8) { graph in
        let w = graph.floats("w", shape: [2, 3], [1.5, -2.25, 99, -31.75, 1.125, 1.375])
        let z = graph.constant("wz", .int8, shape: [2], [0, 0])
        let s = graph.floats("ws", shape: [2], scales)
        let codes = graph.node("QuantizeLinear", [w, s, z], [("axis", .integer(0))])
        return graph.node("DequantizeLinear", [codes, s, z], [("axis", .integer(0))])
      })
    // -4.5 and 4.5 go to the even 4, 5.5 to 6; 198 is cut to 127.
    #expect(rounded.image.layers[0].dense?.weights == [3, -4, 127, -127, 4, 6])
  }

  @Test("activations between codes become tables, rounded half up")
  func tables() throws {
    let file = graph { graph in
      let (x, taken) = quantized(&graph, "x", 0.5, -3, .int8)
      let real = graph.node("DequantizeLinear", [x] + taken)
      let sums = graph.node("Gemm", [real, weightInput(&graph)], [("transB", .integer(1))])
      let hidden = parameters(&graph, "h", 0.25, 0, .int8)
      let made = parameters(&graph, "y", 1 / 128, 0, .int8)
      let codes = graph.node("QuantizeLinear", [sums] + hidden)
      let tanh = graph.node("Tanh", [graph.node("DequantizeLinear", [codes] + hidden)])
      return graph.node(
        "DequantizeLinear", [graph.node("QuantizeLinear", [tanh] + made)] + made)
    }
    let model = try int8(file)
    guard case .eight(let table) = model.image.layers[0].table else {
      Issue.record("no table of 8-bit codes")
      return
    }
    // 128 * tanh(0.25) = 31.35, tanh(1) = 97.48; at 4 and beyond 127.9, which is no code.
    let found = [0, 1, -1, 4, 16, -128].map { table[$0 + 128] }
    #expect(found == [0, 31, -31, 97, 127, -128])
    #expect(model.tensors == [.init(scale: 1 / 128, zeroPoint: 0)])
  }

  @Test(
    "arithmetic in front and behind stays in the model; its offset moves codes by less than one")
  func scaling() throws {
    let file = graph { graph in
      let (mean, deviation) = (
        graph.floats("m", shape: [3], [1, 2, 3]), graph.floats("d", shape: [3], [2, 4, 8])
      )
      let centred = graph.node("Div", [graph.node("Sub", ["x", mean]), deviation])
      let (x, taken) = quantized(&graph, centred, 0.5, -3, .int8)
      let real = graph.node("DequantizeLinear", [x] + taken)
      let sums = graph.node("Gemm", [real, weightInput(&graph)], [("transB", .integer(1))])
      let made = parameters(&graph, "y", 2, 4, .int8)
      let output = graph.node(
        "DequantizeLinear", [graph.node("QuantizeLinear", [sums] + made)] + made)
      let scaled = graph.node("Mul", [output, graph.floats("f", shape: [], [3])])
      return graph.node("Add", [scaled, graph.floats("o", shape: [2], [12, 13])])
    }
    let model = try int8(file)
    #expect(model.features.map(\.offset) == [1, 2, 3])
    #expect(model.features.map(\.scale) == [2, 4, 8])
    #expect(model.input.map(\.inverseScale) == [1, 0.5, 0.25])
    #expect(model.image.outputs.map(\.origin) == [2, 2])
    // 13 is 2 1/6 codes of 6: the last sixth of a code is moved into the bias, 1/6 / 0.0625 = 2.67.
    #expect(model.image.layers[0].dense?.bias == [378, -345])
    #expect(model.task.targetScaling == [.init(offset: 12, scale: 3), .init(offset: 13, scale: 3)])
  }

  @Test("what codes cannot hold is refused by operator and fact")
  func refusals() {
    expect(.integer(row: 0, found: 200), at: "Gemm") { graph in
      let w = graph.constant("w", .uint8, shape: [2, 3], [200, 0, 0, 0, 0, 0])
      return graph.node("DequantizeLinear", [w, graph.floats("ws", shape: [], [0.5])])
    }
    expect(.integer(row: 1, found: -128), at: "Gemm") { graph in
      let w = graph.constant("w", .int8, shape: [2, 3], [0, 0, 0, 0, 0x80, 0])
      return graph.node("DequantizeLinear", [w, graph.floats("ws", shape: [], [0.5])])
    }
    expect(.quantization(found: "of the weights"), at: "Gemm") { graph in
      graph.floats("w", shape: [2, 3], [1, 2, 3, 4, 5, 6])
    }
    expect(.quantization(found: "3"), at: "DequantizeLinear") { graph in
      let w = graph.constant("w", .int8, shape: [2, 3], [1, 2, 3, 4, 5, 6])
      return graph.node(
        "DequantizeLinear", [w, graph.floats("ws", shape: [3], [1, 1, 1])],
        [
          ("axis", .integer(0))
        ])
    }
    expect(.attribute("block_size", found: "2"), at: "DequantizeLinear") { graph in
      let w = graph.constant("w", .int8, shape: [2, 3], [1, 2, 3, 4, 5, 6])
      return graph.node(
        "DequantizeLinear", [w, graph.floats("ws", shape: [1], [1])], [("block_size", .integer(2))])
    }
    let open = graph { graph in
      let (x, taken) = quantized(&graph, "x", 0.5, -3, .int8)
      let real = graph.node("DequantizeLinear", [x] + taken)
      return graph.node("Gemm", [real, weightInput(&graph)], [("transB", .integer(1))])
    }
    #expect(
      throws: InteropError.unsupportedUse(
        .init(name: "Gemm_3", operation: "Gemm"), .quantization(found: "of the output"))
    ) { try int8(open) }
  }

  // MARK: -

  private func expect(
    _ obstacle: InteropError.Obstacle, at operation: String,
    _ weights: @escaping (inout ONNXWriter) -> String
  ) {
    do {
      _ = try int8(qdq(.int8, weights))
      Issue.record("\(operation) was taken")
    } catch {
      guard case .unsupportedUse(let node, obstacle) = error as? InteropError else {
        Issue.record("\(operation): \(error)")
        return
      }
      #expect(node.operation == operation)
    }
  }

  private func int8(_ file: [UInt8]) throws -> Int8Model {
    guard case .int8(let model) = try Model(importing: file, ImportSettings()) else {
      throw InteropError.unknownFormat
    }
    return model
  }

  /// One layer with a ReLU between QuantizeLinear and DequantizeLinear.
  private func qdq(
    _ type: ONNXWriter.ElementType, _ weights: ((inout ONNXWriter) -> String)? = nil
  ) -> [UInt8] {
    let shift = type == .uint8 ? 128 : 0
    return graph { graph in
      let (x, taken) = quantized(&graph, "x", 0.5, -3 + shift, type)
      let real = graph.node("DequantizeLinear", [x] + taken)
      let w = weights.map { $0(&graph) } ?? weightInput(&graph)
      let b = graph.node(
        "DequantizeLinear",
        [
          graph.constant("b", .int32, shape: [2], littleEndianBytes([7, -9] as [Int32])),
          graph.floats("bs", shape: [2], [0.25, 0.125]),
        ], [("axis", .integer(0))])
      let sums = graph.node(
        "Relu", [graph.node("Gemm", [real, w, b], [("transB", .integer(1))])])
      let made = parameters(&graph, "y", 2, 4 + shift, type)
      return graph.node(
        "DequantizeLinear", [graph.node("QuantizeLinear", [sums] + made)] + made)
    }
  }

  private func weightInput(_ graph: inout ONNXWriter) -> String {
    let w = graph.constant("w", .int8, shape: [2, 3], bytes(weights))
    let z = graph.constant("wz", .int8, shape: [2], [0, 0])
    let s = graph.floats("ws", shape: [2], scales)
    return graph.node("DequantizeLinear", [w, s, z], [("axis", .integer(0))])
  }

  private func quantized(
    _ graph: inout ONNXWriter, _ value: String, _ scale: Float, _ zeroPoint: Int,
    _ type: ONNXWriter.ElementType
  ) -> (codes: String, parameters: [String]) {
    let parameters = parameters(&graph, "xq", scale, zeroPoint, type)
    return (graph.node("QuantizeLinear", [value] + parameters), parameters)
  }

  private func parameters(
    _ graph: inout ONNXWriter, _ name: String, _ scale: Float, _ zeroPoint: Int,
    _ type: ONNXWriter.ElementType
  ) -> [String] {
    [
      graph.floats(name + "_scale", shape: [], [scale]),
      graph.constant(name + "_zero", type, shape: [], [UInt8(truncatingIfNeeded: zeroPoint)]),
    ]
  }

  private func bytes(_ codes: [Int8]) -> [UInt8] { codes.map { UInt8(bitPattern: $0) } }

  private func graph(_ build: (inout ONNXWriter) -> String) -> [UInt8] {
    var writer = ONNXWriter()
    let output = build(&writer)
    return writer.file(input: "x", inputs: 3, outputs: [(output, 2)])
  }
}
