// SPDX-License-Identifier: Apache-2.0
import NNQFormat
import NNQReference
import NNQTestSupport
import Testing

@testable import NNQInterop

@Suite struct ActivationTests {
  static let all: [Activation] = [
    .relu, .tanh, .sigmoid, .leakyRelu(slope: 0.125), .relu6, .gelu, .geluTanh, .silu, .hardSwish,
  ]

  @Test("every activation goes to ONNX and comes back", arguments: all)
  func onnx(activation: Activation) throws {
    let model = sampleFloatModel(
      .regression, widths: [3, 4, 2], activation: activation, rows: 2, seed: 2)
    #expect(try imported(try model.onnx()).layers == model.layers)
  }

  @Test("every activation but SiLU goes to TFLite and comes back", arguments: all)
  func tflite(activation: Activation) throws {
    let model = sampleFloatModel(
      .regression, widths: [3, 4, 2], activation: activation, rows: 2, seed: 2)
    if activation == .silu {
      #expect(throws: InteropError.cannotWriteOperation(layer: 0, name: "silu")) {
        try model.tflite()
      }
    } else {
      #expect(try imported(try model.tflite()).layers == model.layers)
    }
  }

  @Test("activations that exporters write as several operators are known by what they compute")
  func decomposed() throws {
    func constant(_ graph: inout ONNXWriter, _ value: Float) -> String {
      graph.floats("c\(value)", shape: [], [value])
    }
    try expect(.gelu) { graph, x in
      let erf = graph.node(
        "Erf", [graph.node("Div", [x, constant(&graph, 1.4142135)])])
      let product = graph.node("Mul", [x, graph.node("Add", [erf, constant(&graph, 1)])])
      return graph.node("Mul", [product, constant(&graph, 0.5)])
    }
    try expect(.gelu) { graph, x in
      let half = graph.node("Mul", [constant(&graph, 0.5), x])
      let erf = graph.node("Erf", [graph.node("Mul", [x, constant(&graph, 0.70710677)])])
      return graph.node("Mul", [graph.node("Add", [constant(&graph, 1), erf]), half])
    }
    try expect(.geluTanh) { graph, x in
      let cube = graph.node(
        "Mul", [graph.node("Pow", [x, constant(&graph, 3)]), constant(&graph, 0.044715)])
      let inner = graph.node("Mul", [graph.node("Add", [x, cube]), constant(&graph, 0.7978846)])
      let tanh = graph.node("Add", [graph.node("Tanh", [inner]), constant(&graph, 1)])
      return graph.node("Mul", [graph.node("Mul", [x, constant(&graph, 0.5)]), tanh])
    }
    try expect(.silu) { graph, x in graph.node("Mul", [x, graph.node("Sigmoid", [x])]) }
    try expect(.hardSwish) { graph, x in
      let gate = graph.node(
        "HardSigmoid", [x], [("alpha", .float(1 / 6)), ("beta", .float(0.5))])
      return graph.node("Mul", [x, gate])
    }
    let bent = file { graph, x in graph.node("Mul", [x, graph.node("Tanh", [x])]) }
    #expect(
      throws: InteropError.unsupportedUse(.init(name: "Tanh_1", operation: "Tanh"), .branch)
    ) { try imported(bent) }
  }

  @Test("a layer norm keeps its numbers, and arithmetic behind it becomes part of them")
  func layerNorm() throws {
    let model = try imported(
      file { graph, x in
        let norm = graph.node(
          "LayerNormalization",
          [x, graph.floats("g", shape: [2], [1, 2]), graph.floats("n", shape: [2], [3, 4])],
          [("epsilon", .float(0.5))])
        let scaled = graph.node("Mul", [norm, graph.floats("m", shape: [2], [2, 3])])
        return graph.node("Relu", [graph.node("Add", [scaled, graph.floats("o", shape: [], [1])])])
      })
    #expect(
      model.layers[1].operation == .layerNorm(gamma: [2, 6], beta: [7, 13], epsilon: 0.5))
    #expect(model.layers[1].activation == .relu)
    #expect(try imported(try model.onnx()).layers == model.layers)
    let negative = file { graph, x in
      graph.node(
        "LayerNormalization", [x, graph.floats("g", shape: [2], [1, 2])],
        [("epsilon", .float(-1))])
    }
    #expect(
      throws: InteropError.unsupportedUse(
        .init(name: "LayerNormalization_1", operation: "LayerNormalization"),
        .attribute("epsilon", found: "-1.0"))
    ) { try imported(negative) }
  }

  @Test("a leaky ReLU of int8 codes rounds twice, as LiteRT does, a GELU to nearest")
  func tables() throws {
    let leaky = try #require(
      TFLiteTable.codes(
        .leakyRelu(slope: 0.25), from: .init(scale: 0.5, zeroPoint: 0),
        to: .init(scale: 0.25, zeroPoint: 3)))
    // 2 codes for each above 0, half a one for each below, where halves go up.
    let found = [0, 1, 40, 80, -1, -2, -3, -128].map { leaky[$0 + 128] }
    #expect(found == [3, 5, 83, 127, 3, 2, 2, -61])
    let gelu = try #require(
      TFLiteTable.codes(
        .gelu, from: .init(scale: 0.0625, zeroPoint: 0), to: .init(scale: 0.0625, zeroPoint: -100)))
    // gelu(1) = 0.84134, gelu(-1) = -0.15866, in sixteenths 13.46 and -2.54.
    let values = [0, 16, -16].map { gelu[$0 + 128] }
    #expect(values == [-100, -87, -103])
  }

  // MARK: -

  private func expect(
    _ activation: Activation, _ build: (inout ONNXWriter, String) -> String
  ) throws {
    let model = try imported(
      file { graph, x in
        let value = build(&graph, x)
        return graph.node(
          "Gemm", [value, graph.floats("v", shape: [2, 2], [1, 2, 3, 4])],
          [("transB", .integer(1))])
      })
    #expect(model.layers.map(\.activation) == [activation, .identity])
  }

  /// A layer of two values and what follows it.
  private func file(_ build: (inout ONNXWriter, String) -> String) -> [UInt8] {
    var graph = ONNXWriter()
    let x = graph.node(
      "Gemm", ["x", graph.floats("w", shape: [2, 3], [1, 2, 3, 4, 5, 6])],
      [("transB", .integer(1))])
    let y = build(&graph, x)
    return graph.file(input: "x", inputs: 3, outputs: [(y, 2)])
  }
}
