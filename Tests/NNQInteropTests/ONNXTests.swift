// SPDX-License-Identifier: Apache-2.0
import NNQFormat
import NNQTestSupport
import Testing

@testable import NNQInterop

@Suite struct ONNXTests {
  @Test(
    "a model written as ONNX comes back with the same scaling and layers bit for bit",
    arguments: sampleShapes.indices)
  func roundTrip(index: Int) throws {
    let (kind, widths, activation) = sampleShapes[index]
    let model = sampleFloatModel(kind, widths: widths, activation: activation, seed: 7)
    var settings = ImportSettings(
      features: model.features.map(\.name), labels: model.task.labels, targets: model.task.targets)
    if kind == .anomaly {
      settings.targets = nil
      settings.threshold = model.task.thresholds[0]
      settings.task = .anomaly
    }
    let again = try imported(try model.onnx(), settings)
    #expect(again.layers == model.layers)
    #expect(again.features.map(\.offset) == model.features.map(\.offset))
    #expect(again.features.map(\.scale) == model.features.map(\.scale))
    #expect(again.task.kind == kind)
    #expect(again.task.targetScaling == model.task.targetScaling)
    #expect(again.task.labels == model.task.labels)
  }

  @Test("alpha, beta, a scalar bias and both orders of a matrix give the same layer")
  func gemm() throws {
    let plain = try network { graph in
      let w = graph.floats("w", shape: [2, 3], [1, 2, 3, 4, 5, 6])
      let b = graph.floats("b", shape: [2], [8, 8])
      return graph.node("Gemm", ["x", w, b], [("transB", .integer(1))])
    }
    let turned = try network { graph in
      let w = graph.floats("w", shape: [3, 2], [0.5, 2, 1, 2.5, 1.5, 3])
      let b = graph.floats("b", shape: [], [4])
      return graph.node("Gemm", ["x", w, b], [("alpha", .float(2)), ("beta", .float(2))])
    }
    let product = try network { graph in
      let w = graph.floats("w", shape: [2, 3], [1, 2, 3, 4, 5, 6])
      let t = graph.node("Transpose", [w], [("perm", .integers([1, 0]))])
      let b = graph.floats("b", shape: [1, 2], [8, 8])
      return graph.node("Add", [graph.node("MatMul", ["x", t]), b])
    }
    #expect(plain.layers[0].weights == [1, 2, 3, 4, 5, 6])
    #expect(plain.layers == product.layers)
    #expect(turned.layers[0].weights == [1, 2, 3, 4, 5, 6])
    #expect(turned.layers[0].bias == [8, 8])
  }

  @Test("a normalization behind a layer becomes part of its weights")
  func normalization() throws {
    let model = try network { graph in
      let w = graph.floats("w", shape: [3, 2], [1, 0, 0, 1, 0, 0])
      let value = graph.node("MatMul", ["x", w])
      let (scale, bias) = (
        graph.floats("s", shape: [2], [2, 1]), graph.floats("b", shape: [2], [1, 0])
      )
      let (mean, variance) = (
        graph.floats("m", shape: [2], [3, 0]), graph.floats("v", shape: [2], [4, 1])
      )
      let normal = graph.node(
        "BatchNormalization", [value, scale, bias, mean, variance], [("epsilon", .float(0))])
      return graph.node("Relu", [normal])
    }
    // (x - 3) / 2 * 2 + 1 = x - 2
    #expect(model.layers[0].weights == [1, 0, 0, 0, 1, 0])
    #expect(model.layers[0].bias == [-2, 0])
    #expect(model.layers[0].activation == .relu)
  }

  @Test("arithmetic in front becomes the features' scaling, a minus sign part of the weights")
  func scaler() throws {
    let model = try network { graph in
      let offset = graph.floats("o", shape: [1, 3], [1, 2, 3])
      let scale = graph.floats("s", shape: [3], [2, -4, 0.5])
      let w = graph.floats("w", shape: [1, 3], [1, 1, 1])
      let value = graph.node("Mul", [graph.node("Sub", ["x", offset]), scale])
      return graph.node("Gemm", [value, w], [("transB", .integer(1))])
    }
    #expect(model.features.map(\.offset) == [1, 2, 3])
    #expect(model.features.map(\.scale) == [0.5, 0.25, 2])
    #expect(model.layers[0].weights == [1, -1, 1])
  }

  @Test("arithmetic behind an activation becomes part of the next layer, at the end the target's")
  func between() throws {
    let model = try network { graph in
      let w = graph.floats("w", shape: [2, 3], [1, 2, 3, 4, 5, 6])
      let v = graph.floats("v", shape: [1, 2], [1, 10])
      let two = graph.floats("two", shape: [], [2])
      let three = graph.floats("three", shape: [1], [3])
      var value = graph.node("Gemm", ["x", w], [("transB", .integer(1))])
      value = graph.node("Relu", [value])
      value = graph.node("Add", [three, graph.node("Mul", [value, two])])
      value = graph.node(
        "Gemm", [value, v, graph.floats("c", shape: [1], [1])],
        [
          ("transB", .integer(1))
        ])
      return graph.node("Div", [graph.node("Add", [value, three]), two])
    }
    #expect(model.layers[1].weights == [2, 20])
    #expect(model.layers[1].bias == [1 + 3 + 30])
    #expect(model.task.targetScaling == [.init(offset: 1.5, scale: 0.5)])
  }

  @Test("a scikit-learn classifier's tail gives the task and the names of its classes")
  func classifier() throws {
    let model = try network { graph in
      let w = graph.floats("w", shape: [2, 3], [1, 2, 3, 4, 5, 6])
      let scores = graph.node(
        "Softmax", [graph.node("Gemm", ["x", w], [("transB", .integer(1))])],
        [("axis", .integer(-1))])
      _ = graph.node("ArgMax", [scores], [("axis", .integer(1))])
      return graph.node(
        "ZipMap", [scores], domain: "ai.onnx.ml", [("classlabels_strings", .texts(["a", "b"]))])
    }
    #expect(model.task.kind == .multiclass)
    #expect(model.task.labels == ["a", "b"])
    let two = try network { graph in
      let w = graph.floats("w", shape: [1, 3], [1, 2, 3])
      let one = graph.floats("one", shape: [], [1])
      let p = graph.node("Sigmoid", [graph.node("Gemm", ["x", w], [("transB", .integer(1))])])
      let pair = graph.node(
        "Concat", [graph.node("Sub", [one, p]), p], [("axis", .integer(1))])
      _ = graph.node("ArgMax", [pair], [("axis", .integer(1))])
      return graph.node(
        "ZipMap", [pair], domain: "ai.onnx.ml", [("classlabels_int64s", .integers([0, 7]))])
    }
    #expect(two.task.kind == .binary)
    #expect(two.task.labels == ["0", "7"])
    #expect(two.layers.last?.activation == .identity)
  }

  @Test("a sigmoid stays in the network where the task is regression")
  func sigmoidRegression() throws {
    let file = graph { graph in
      let w = graph.floats("w", shape: [1, 3], [1, 2, 3])
      return graph.node("Sigmoid", [graph.node("Gemm", ["x", w], [("transB", .integer(1))])])
    }
    #expect(try imported(file).task.kind == .binary)
    let model = try imported(file, ImportSettings(task: .regression))
    #expect(model.layers[0].activation == .sigmoid)
    #expect(throws: InteropError.wrongTask(.multiclass, tail: "sigmoid")) {
      try imported(file, ImportSettings(task: .multiclass))
    }
  }

  @Test(
    "an operator that no perceptron has is refused by its name",
    arguments: ["Elu", "Conv", "PRelu", "LSTM", "If"])
  func unsupported(operation: String) {
    let file = graph { graph in
      let w = graph.floats("w", shape: [2, 3], [1, 2, 3, 4, 5, 6])
      return graph.node(operation, [graph.node("Gemm", ["x", w], [("transB", .integer(1))])])
    }
    #expect(
      throws: InteropError.unsupportedOperator(
        .init(name: "\(operation)_1", operation: operation))
    ) { try imported(file) }
  }

  @Test("branches, constants in wrong places and wrong shapes are refused with their place")
  func refusals() {
    expect(.branch, at: "Gemm") { graph in
      let w = graph.floats("w", shape: [3, 3], [1, 0, 0, 0, 1, 0, 0, 0, 1])
      return graph.node("Add", [graph.node("Gemm", ["x", w]), "x"])
    }
    expect(.notConstant(input: 1), at: "Gemm") { graph in graph.node("Gemm", ["x", "x2"]) }
    expect(.beforeFirstLayer, at: "Relu") { graph in graph.node("Relu", ["x"]) }
    expect(.afterActivation, at: "Relu") { graph in
      let w = graph.floats("w", shape: [3, 1], [1, 2, 3])
      return graph.node("Relu", [graph.node("Tanh", [graph.node("MatMul", ["x", w])])])
    }
    expect(.constant(found: 0), at: "Div") { graph in
      graph.node("Div", ["x", graph.floats("z", shape: [], [0])])
    }
    expect(.shape(found: [1, 2], expected: [1, 3]), at: "Gemm") { graph in
      let w = graph.floats("w", shape: [3, 3], [1, 0, 0, 0, 1, 0, 0, 0, 1])
      let v = graph.floats("v", shape: [2, 1], [1, 2])
      return graph.node("Gemm", [graph.node("MatMul", ["x", w]), v])
    }
    expect(.attribute("axis", found: "0"), at: "Softmax") { graph in
      let w = graph.floats("w", shape: [3, 3], [1, 0, 0, 0, 1, 0, 0, 0, 1])
      return graph.node("Softmax", [graph.node("MatMul", ["x", w])], [("axis", .integer(0))])
    }
    #expect(throws: InteropError.noLayers) { try imported(graph { $0.node("Identity", ["x"]) }) }
  }

  @Test("what works along a row is refused where its shape is another, by the operator's name")
  func changedShapes() throws {
    let w: [Float] = [1, 2, 3, 4, 5, 6]
    func reshaped(_ graph: inout ONNXWriter, _ shape: [Int]) -> String {
      let value = graph.node("MatMul", ["x", graph.floats("w", shape: [3, 2], w)])
      let target = graph.node("Constant", [], [("value_ints", .integers(shape))])
      return graph.node("Reshape", [value, target])
    }
    let open = InteropError.Obstacle.shape(found: [-1, 2, 1], expected: [-1, 2])
    expect(open, at: "Softmax") { graph in
      graph.node("Softmax", [reshaped(&graph, [-1, 2, 1])], [("axis", .integer(-1))])
    }
    expect(open, at: "Add") { graph in
      let c = graph.floats("c", shape: [2], [1, 2])
      return graph.node("Flatten", [graph.node("Add", [reshaped(&graph, [-1, 2, 1]), c])])
    }
    expect(open, at: "ArgMax") { graph in
      graph.node("ArgMax", [reshaped(&graph, [-1, 2, 1])], [("axis", .integer(1))])
    }
    expect(.shape(found: [-1, 1, 2], expected: [-1, 2]), at: "Softmax") { graph in
      let value = graph.node("MatMul", ["x", graph.floats("w", shape: [3, 2], w)])
      let axes = graph.node("Constant", [], [("value_ints", .integers([1]))])
      return graph.node(
        "Softmax", [graph.node("Unsqueeze", [value, axes])], [("axis", .integer(1))])
    }
    let back = try network { graph in
      let value = graph.node("Relu", [reshaped(&graph, [-1, 2, 1])])
      return graph.node("Softmax", [graph.node("Flatten", [value])], [("axis", .integer(1))])
    }
    #expect(back.task.kind == .multiclass)
  }

  @Test("a Dropout that is told not to train is passed, one that trains is refused")
  func dropout() throws {
    func build(_ graph: inout ONNXWriter, _ training: Int) -> String {
      let w = graph.floats("w", shape: [3, 1], [1, 2, 3])
      let ratio = graph.floats("r", shape: [], [0.5])
      let mode = graph.node("Constant", [], [("value_int", .integer(training))])
      return graph.node("Dropout", [graph.node("MatMul", ["x", w]), ratio, mode])
    }
    #expect(try network { build(&$0, 0) }.layers[0].weights == [1, 2, 3])
    expect(.attribute("training_mode", found: "1"), at: "Dropout") { build(&$0, 1) }
    var tensor = ProtobufWriter()
    tensor.integer(1, 2)
    tensor.integer(2, 9)
    tensor.bytes(9, [0, 1])
    #expect(try ForeignTensor.onnx(tensor.bytes[...]).tensor.integers == [0, 1])
  }

  @Test("a Constant is what its value says, whatever other attributes it has")
  func constantAttributes() throws {
    let model = try network { graph in
      let w = graph.floats("w", shape: [3, 1], [1, 2, 3])
      let c = graph.node(
        "Constant", [], [("a", .floats([9])), ("value_floats", .floats([4]))])
      return graph.node("Add", [graph.node("MatMul", ["x", w]), c])
    }
    #expect(model.layers[0].bias == [4])
  }

  @Test("numbers in another file are refused, whatever path they name")
  func externalData() {
    var tensor = ProtobufWriter()
    tensor.integer(1, 3)
    tensor.integer(2, 1)
    tensor.text(8, "w")
    tensor.message(13) {
      $0.text(1, "location")
      $0.text(2, "../../etc/passwd")
    }
    tensor.integer(14, 1)
    var model = ProtobufWriter()
    model.message(7) { $0.bytes(5, tensor.bytes) }
    model.message(8) { $0.integer(2, 17) }
    #expect(throws: InteropError.externalData(tensor: "w")) { try imported(model.bytes) }
  }

  @Test("operator sets before 11 and a graph that goes in circles are refused")
  func versions() {
    let old = graph(version: 10) { $0.node("Identity", ["x"]) }
    #expect(
      throws: InteropError.unsupportedVersion("ONNX operator set", found: 10, oldest: 11)
    ) { try imported(old) }
    let circle = graph { graph in
      let w = graph.floats("w", shape: [3, 3], [1, 0, 0, 0, 1, 0, 0, 0, 1])
      _ = graph.node("Identity", ["b"], output: "a")
      _ = graph.node("MatMul", ["x", w], output: "b")
      return "y"
    }
    #expect(
      throws: InteropError.unsupportedUse(.init(name: "Identity_0", operation: "Identity"), .order)
    ) {
      try imported(circle)
    }
  }

  // MARK: -

  private func expect(
    _ obstacle: InteropError.Obstacle, at operation: String,
    _ build: (inout ONNXWriter) -> String
  ) {
    let file = graph(build)
    do {
      _ = try imported(file)
      Issue.record("\(operation) was taken")
    } catch {
      guard case .unsupportedUse(let node, obstacle) = error as? InteropError else {
        Issue.record("\(operation): \(error)")
        return
      }
      #expect(node.operation == operation)
    }
  }

  private func network(
    _ build: (inout ONNXWriter) -> String
  ) throws -> FloatModel {
    try imported(graph(build))
  }

  private func graph(
    version: Int = 17, _ build: (inout ONNXWriter) -> String
  ) -> [UInt8] {
    var writer = ONNXWriter()
    let output = build(&writer)
    return writer.file(input: "x", inputs: 3, outputs: [(output, 1)], version: version)
  }
}

/// The float model in a foreign file.
func imported(
  _ file: [UInt8], _ settings: ImportSettings = ImportSettings()
) throws -> FloatModel {
  guard case .float(let model) = try Model(importing: file, settings) else {
    throw InteropError.unknownFormat
  }
  return model
}
