// SPDX-License-Identifier: Apache-2.0
import NNQFormat

/// Follows the one value that goes through an ONNX graph in binary32 or binary64.
struct ONNXImport {
  private var path: ONNXPath
  private var network: ImportedNetwork

  static func network(_ path: ONNXPath) throws(InteropError) -> ImportedNetwork {
    var importer = ONNXImport(path)
    try importer.follow()
    return importer.network
  }

  private init(_ path: ONNXPath) {
    self.path = path
    network = ImportedNetwork(folding: LayerFolding(), tail: .none)
    network.declaredInputs = path.declaredInputs
  }

  private mutating func follow() throws(InteropError) {
    while true {
      switch try path.next() {
      case .node(let node): try apply(node)
      case .activation(let activation, let label):
        guard network.tail == .none else { throw .unsupportedUse(label, .afterActivation) }
        try network.folding.activation(activation, label)
      case .tail:
        let tail = try ONNXTail(path)
        network.classes = tail.classes
        if network.tail == .none, tail.picksHighest, network.folding.width != 1 {
          let isSigmoid = network.folding.layers.last?.activation == .sigmoid
          // The highest of sigmoids is that of their logits.
          if isSigmoid { network.folding.dropLastActivation() }
          network.tail = .argmax
        }
        return
      case .end: return
      }
    }
  }

  // MARK: - Operators

  private mutating func apply(_ node: ONNXGraph.Node) throws(InteropError) {
    let label = node.label
    if try path.isNeutral(node, width: network.folding.width) { return }
    // Nothing but a change of shape or type may follow a softmax here.
    guard network.tail == .none else { throw .unsupportedUse(label, .afterActivation) }
    if let steps = try path.arithmetic(node) {
      for (arithmetic, constant) in steps {
        try network.folding.apply(arithmetic, constant, label)
      }
      return
    }
    if let activation = try ONNXActivation(node, path.graph) {
      guard let function = activation.function else {
        throw .unsupportedUse(label, .attribute("min or max", found: "other than 0 and 6"))
      }
      return try network.folding.activation(function, label)
    }
    switch node.qualified {
    case "Gemm": try gemm(node)
    case "MatMul": try matrixProduct(node)
    case "BatchNormalization": try normalization(node)
    case "LayerNormalization": try layerNorm(node)
    // LogSoftmax gives the same class; nnq hands on probabilities in place of their logarithms.
    case "Softmax", "LogSoftmax":
      try path.checkSoftmax(node)
      guard network.folding.width != nil else { throw .unsupportedUse(label, .beforeFirstLayer) }
      network.tail = .softmax
    default: throw .unsupportedOperator(label)
    }
  }

  /// `alpha * A * B + beta * C`, where A is the value, in columns when transA is set.
  private mutating func gemm(_ node: ONNXGraph.Node) throws(InteropError) {
    guard node.inputs.first == path.taken else {
      throw .unsupportedUse(node.label, .notConstant(input: 0))
    }
    let isTransposed = node.integer("transB") ?? 0 != 0
    let weights = try path.matrix(node, 1, outputsFirst: isTransposed)
    let (outputs, inputs) = (weights.shape[0], weights.shape[1])
    if node.integer("transA") ?? 0 != 0 {
      // Rows that come as columns are the same rows, if they come so from outside.
      guard network.folding.width == nil, let shape = path.graph.inputs[0].shape, shape.count == 2,
        shape[0] == inputs
      else { throw .unsupportedUse(node.label, .attribute("transA", found: "1")) }
      network.declaredInputs = inputs
    }
    let (alpha, beta) = (node.float("alpha") ?? 1, node.float("beta") ?? 1)
    var values = weights.floats ?? []
    if alpha != 1 { values = values.map { Float(Double($0) * Double(alpha)) } }
    var bias: [Float]?
    if node.inputs.count > 2, !node.inputs[2].isEmpty {
      let constant = try path.vector(node, 2)
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

  private mutating func matrixProduct(_ node: ONNXGraph.Node) throws(InteropError) {
    guard node.inputs.first == path.taken else {
      throw .unsupportedUse(node.label, .notConstant(input: 0))
    }
    let weights = try path.matrix(node, 1, outputsFirst: false)
    try network.folding.dense(
      weights.floats ?? [], inputs: weights.shape[1], outputs: weights.shape[0], bias: nil,
      node.label)
  }

  /// `(x - mean) / sqrt(variance + epsilon) * scale + bias`
  private mutating func normalization(_ node: ONNXGraph.Node) throws(InteropError) {
    guard node.inputs.first == path.taken, node.inputs.count == 5 else {
      throw .unsupportedUse(node.label, .notConstant(input: 0))
    }
    guard node.integer("training_mode") ?? 0 == 0 else {
      throw .unsupportedUse(node.label, .attribute("training_mode", found: "1"))
    }
    let epsilon = Double(node.float("epsilon") ?? 1e-5)
    let deviations = try path.vector(node, 4).map { ($0 + epsilon).squareRoot() }
    try network.folding.apply(.subtract, try path.vector(node, 3), node.label)
    try network.folding.apply(.divide, deviations, node.label)
    try network.folding.apply(.multiply, try path.vector(node, 1), node.label)
    try network.folding.apply(.add, try path.vector(node, 2), node.label)
  }

  /// `(x - mean) / sqrt(variance + epsilon) * scale + bias` over the values of a row.
  private mutating func layerNorm(_ node: ONNXGraph.Node) throws(InteropError) {
    guard node.inputs.first == path.taken else {
      throw .unsupportedUse(node.label, .notConstant(input: 0))
    }
    try path.checkAxis(node, initial: -1)
    let gamma = try path.vector(node, 1).map { Float($0) }
    var beta = [Float](repeating: 0, count: gamma.count)
    if node.inputs.count > 2, !node.inputs[2].isEmpty {
      beta = try path.vector(node, 2).map { Float($0) }
    }
    try network.folding.layerNorm(
      gamma: gamma, beta: beta, epsilon: node.float("epsilon") ?? 1e-5, node.label)
  }
}
