// SPDX-License-Identifier: Apache-2.0
import NNQFormat

/// Follows the one value that goes through an ONNX graph from its input to its outputs.
///
/// Every operator is taken once and in the order of the file, which ONNX demands, so that no cycle
/// can be followed.
struct ONNXImport {
  private var graph: ONNXGraph
  private var network: ImportedNetwork
  /// The places of the operators that take in a value.
  private var takers: [String: [Int]] = [:]
  private var outputs: Set<String> = []

  static func network(_ file: [UInt8]) throws(InteropError) -> ImportedNetwork {
    var importer = try ONNXImport(ONNXGraph(file))
    try importer.follow()
    return importer.network
  }

  private init(_ graph: ONNXGraph) throws(InteropError) {
    self.graph = graph
    network = ImportedNetwork(folding: LayerFolding(), tail: .none)
    for index in try self.graph.foldConstants() {
      for name in Set(graph.nodes[index].inputs).sorted() where !name.isEmpty {
        takers[name, default: []].append(index)
      }
    }
    outputs = Set(graph.outputs.map(\.name))
    guard graph.inputs.count == 1, !graph.outputs.isEmpty else {
      throw .wrongEnds(inputs: graph.inputs.count, outputs: graph.outputs.count)
    }
    if let shape = graph.inputs[0].shape {
      let sizes = shape.count > 1 ? Array(shape.dropFirst()) : shape
      network.declaredInputs = sizes.reduce(1) { product, size in
        guard let product, let size, size > 0 else { return nil }
        let (result, overflows) = product.multipliedReportingOverflow(by: size)
        return overflows ? nil : result
      }
    }
  }

  private mutating func follow() throws(InteropError) {
    var value = graph.inputs[0].name
    var last = -1
    while let next = takers[value] {
      // From here on there are only what classifiers make of their scores: classes and names.
      if next.count > 1 || outputs.contains(value) || isTail(graph.nodes[next[0]], value) {
        return try ONNXTail.read(&network, graph: graph, takers: takers, scores: value, after: last)
      }
      let node = graph.nodes[next[0]]
      guard next[0] > last else { throw .unsupportedUse(node.label, .order) }
      last = next[0]
      try apply(node, to: value)
      guard let made = node.outputs.first else {
        throw .malformed(byte: 0, field: "output of \(node.label.name)")
      }
      value = made
    }
    guard outputs.contains(value) else {
      throw .wrongEnds(inputs: 1, outputs: 0)
    }
  }

  private func isTail(_ node: ONNXGraph.Node, _ value: String) -> Bool {
    switch node.qualified {
    case "ArgMax", "ai.onnx.ml.ZipMap", "ai.onnx.ml.Binarizer": true
    // A classifier of two classes makes 1 - p of p.
    case "Concat": true
    default: false
    }
  }

  // MARK: - Operators

  private mutating func apply(
    _ node: ONNXGraph.Node, to value: String
  ) throws(InteropError) {
    let label = node.label
    switch node.qualified {
    case "Gemm": try gemm(node, value)
    case "MatMul": try matrixProduct(node, value)
    case "BatchNormalization": try normalization(node, value)
    case "Add": try network.folding.apply(.add, try operand(node, value), label)
    case "Mul": try network.folding.apply(.multiply, try operand(node, value), label)
    case "Sub":
      let operand = try operand(node, value)
      if node.inputs.first == value {
        try network.folding.apply(.subtract, operand, label)
      } else {
        try network.folding.apply(.multiply, [-1], label)
        try network.folding.apply(.add, operand, label)
      }
    case "Div":
      guard node.inputs.first == value else {
        throw .unsupportedUse(label, .notConstant(input: 1))
      }
      try network.folding.apply(.divide, try operand(node, value), label)
    case "ai.onnx.ml.Scaler":
      if let offsets = node.floats("offset") {
        try network.folding.apply(.subtract, offsets.map { Double($0) }, label)
      }
      if let scales = node.floats("scale") {
        try network.folding.apply(.multiply, scales.map { Double($0) }, label)
      }
    case "Relu": try network.folding.activation(.relu, label)
    case "Tanh": try network.folding.activation(.tanh, label)
    case "Sigmoid": try network.folding.activation(.sigmoid, label)
    case "Softmax", "LogSoftmax":
      try checkAxis(node, initial: graph.version < 13 ? 1 : -1)
      guard network.tail == .none else { throw .unsupportedUse(label, .afterActivation) }
      guard network.folding.width != nil else { throw .unsupportedUse(label, .beforeFirstLayer) }
      network.tail = .softmax
      return
    case "Identity", "Dropout": break
    case "Cast":
      guard [1, 11].contains(node.integer("to") ?? 0) else {
        throw .unsupportedUse(label, .attribute("to", found: "\(node.integer("to") ?? 0)"))
      }
    case "Flatten": try checkAxis(node, initial: 1)
    case "Reshape", "Squeeze", "Unsqueeze": try checkShape(node)
    default: throw .unsupportedOperator(label)
    }
    // Nothing but a change of shape or type may follow a softmax here.
    let isNeutral = ["Identity", "Dropout", "Cast", "Flatten", "Reshape", "Squeeze", "Unsqueeze"]
    if network.tail != .none, !isNeutral.contains(node.qualified) {
      throw .unsupportedUse(label, .afterActivation)
    }
  }

  /// `alpha * A * B + beta * C`, where A is the value, in columns when transA is set.
  private mutating func gemm(_ node: ONNXGraph.Node, _ value: String) throws(InteropError) {
    guard node.inputs.first == value else {
      throw .unsupportedUse(node.label, .notConstant(input: 0))
    }
    let isTransposed = node.integer("transB") ?? 0 != 0
    let weights = try matrix(node, 1, outputsFirst: isTransposed)
    let (outputs, inputs) = (weights.shape[0], weights.shape[1])
    if node.integer("transA") ?? 0 != 0 {
      // Rows that come as columns are the same rows, if they come so from outside.
      guard network.folding.width == nil, let shape = graph.inputs[0].shape, shape.count == 2,
        shape[0] == inputs
      else { throw .unsupportedUse(node.label, .attribute("transA", found: "1")) }
      network.declaredInputs = inputs
    }
    let (alpha, beta) = (node.float("alpha") ?? 1, node.float("beta") ?? 1)
    var values = weights.floats ?? []
    if alpha != 1 { values = values.map { Float(Double($0) * Double(alpha)) } }
    var bias: [Float]?
    if node.inputs.count > 2, !node.inputs[2].isEmpty {
      let constant = try vector(node, 2)
      guard constant.count == 1 || constant.count == outputs else {
        throw .unsupportedUse(node.label, .shape(found: [constant.count], expected: [outputs]))
      }
      bias = (0..<outputs).map {
        let value = constant[constant.count == 1 ? 0 : $0]
        return Float(beta == 1 ? value : value * Double(beta))
      }
    }
    try network.folding.dense(values, inputs: inputs, outputs: outputs, bias: bias, node.label)
  }

  private mutating func matrixProduct(
    _ node: ONNXGraph.Node, _ value: String
  ) throws(InteropError) {
    guard node.inputs.first == value else {
      throw .unsupportedUse(node.label, .notConstant(input: 0))
    }
    let weights = try matrix(node, 1, outputsFirst: false)
    try network.folding.dense(
      weights.floats ?? [], inputs: weights.shape[1], outputs: weights.shape[0], bias: nil,
      node.label)
  }

  /// `(x - mean) / sqrt(variance + epsilon) * scale + bias`
  private mutating func normalization(
    _ node: ONNXGraph.Node, _ value: String
  ) throws(InteropError) {
    guard node.inputs.first == value, node.inputs.count == 5 else {
      throw .unsupportedUse(node.label, .notConstant(input: 0))
    }
    guard node.integer("training_mode") ?? 0 == 0 else {
      throw .unsupportedUse(node.label, .attribute("training_mode", found: "1"))
    }
    let epsilon = Double(node.float("epsilon") ?? 1e-5)
    let deviations = try vector(node, 4).map { ($0 + epsilon).squareRoot() }
    try network.folding.apply(.subtract, try vector(node, 3), node.label)
    try network.folding.apply(.divide, deviations, node.label)
    try network.folding.apply(.multiply, try vector(node, 1), node.label)
    try network.folding.apply(.add, try vector(node, 2), node.label)
  }

  // MARK: - Constants and shapes

  /// A constant matrix as `[outputs][inputs]`.
  private func matrix(
    _ node: ONNXGraph.Node, _ input: Int, outputsFirst: Bool
  ) throws(InteropError) -> ForeignTensor {
    guard input < node.inputs.count, let tensor = graph.constants[node.inputs[input]] else {
      throw .unsupportedUse(node.label, .notConstant(input: input))
    }
    guard tensor.shape.count == 2, tensor.elements.count > 0, tensor.floats != nil,
      let matrix = outputsFirst ? tensor : tensor.transposed
    else { throw .unsupportedUse(node.label, .shape(found: tensor.shape, expected: [])) }
    return matrix
  }

  /// A constant that stands for one row: all dimensions but the last are 1.
  private func vector(
    _ node: ONNXGraph.Node, _ input: Int
  ) throws(InteropError) -> [Double] {
    guard input < node.inputs.count, let tensor = graph.constants[node.inputs[input]],
      let numbers = tensor.numbers
    else { throw .unsupportedUse(node.label, .notConstant(input: input)) }
    guard tensor.shape.dropLast().allSatisfy({ $0 == 1 }), !numbers.isEmpty else {
      throw .unsupportedUse(node.label, .shape(found: tensor.shape, expected: [1, numbers.count]))
    }
    return numbers
  }

  /// The constant that is combined with the value.
  private func operand(
    _ node: ONNXGraph.Node, _ value: String
  ) throws(InteropError) -> [Double] {
    guard node.inputs.count == 2 else {
      throw .unsupportedUse(node.label, .notConstant(input: 1))
    }
    return try vector(node, node.inputs[0] == value ? 1 : 0)
  }

  private func checkAxis(_ node: ONNXGraph.Node, initial: Int64) throws(InteropError) {
    let axis = node.integer("axis") ?? initial
    guard axis == 1 || axis == -1 else {
      throw .unsupportedUse(node.label, .attribute("axis", found: "\(axis)"))
    }
  }

  /// Refuses a change of shape that would take a row apart.
  private func checkShape(_ node: ONNXGraph.Node) throws(InteropError) {
    guard node.qualified == "Reshape" else { return }
    guard node.inputs.count == 2, let shape = graph.constants[node.inputs[1]]?.integers else {
      throw .unsupportedUse(node.label, .notConstant(input: 1))
    }
    guard let width = network.folding.width ?? network.declaredInputs else { return }
    // At the very end it only says how the answers lie in memory: skl2onnx makes a column of all.
    if let made = node.outputs.first, outputs.contains(made), takers[made] == nil { return }
    let fits: Bool
    if shape.count > 1 {
      let row = shape.dropFirst()
      let product = row.reduce(Int64(1)) { $0.multipliedReportingOverflow(by: $1).partialValue }
      // What is left open takes what the number of rows leaves over.
      fits = row.contains { $0 <= 0 } ? shape[0] >= 0 : product == Int64(width)
    } else {
      fits = width == 1 || shape == [Int64(width)] || graph.inputs[0].shape?.count == 1
    }
    guard fits else {
      throw .unsupportedUse(
        node.label, .shape(found: shape.map { Int(clamping: $0) }, expected: [-1, width]))
    }
  }
}
