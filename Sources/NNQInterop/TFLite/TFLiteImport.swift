// SPDX-License-Identifier: Apache-2.0
import NNQFormat

/// Follows the one value that goes through a TFLite graph in binary32.
struct TFLiteImport {
  private let graph: TFLiteGraph
  private var network: ImportedNetwork

  static func network(_ graph: TFLiteGraph) throws(InteropError) -> ImportedNetwork {
    var importer = TFLiteImport(graph)
    try importer.follow()
    return importer.network
  }

  private init(_ graph: TFLiteGraph) {
    self.graph = graph
    network = ImportedNetwork(folding: LayerFolding(), tail: .none)
    network.declaredInputs = graph.tensors[graph.input].rowCount
  }

  private mutating func follow() throws(InteropError) {
    var value = graph.input
    for node in graph.operators {
      let label = try graph.label(node)
      guard node.inputs.contains(value), let output = node.outputs.first, output >= 0 else {
        throw .unsupportedUse(label, .branch)
      }
      if network.tail != .none, node.code != .reshape {
        throw .unsupportedUse(label, .afterActivation)
      }
      try apply(node, to: value, label)
      value = output
    }
    guard value == graph.output else { throw .wrongEnds(inputs: 1, outputs: 0) }
  }

  private mutating func apply(
    _ node: TFLiteGraph.Operator, to value: Int, _ label: InteropError.Node
  ) throws(InteropError) {
    switch node.code {
    case .fullyConnected: try fullyConnected(node, value, label)
    case .add: try arithmetic(.add, node, value, label)
    case .multiply: try arithmetic(.multiply, node, value, label)
    case .subtract:
      if node.inputs.first == value {
        try arithmetic(.subtract, node, value, label)
      } else {
        try network.folding.apply(.multiply, [-1], label)
        try arithmetic(.add, node, value, label)
      }
    case .divide:
      guard node.inputs.first == value else {
        throw .unsupportedUse(label, .notConstant(input: 1))
      }
      try arithmetic(.divide, node, value, label)
    case .relu, .relu6, .leakyRelu, .tanh, .logistic, .gelu, .hardSwish:
      guard let activation = try graph.activation(node) else { throw .unsupportedOperator(label) }
      try network.folding.activation(activation, label)
    case .softmax:
      guard network.folding.width != nil else { throw .unsupportedUse(label, .beforeFirstLayer) }
      let beta = Float(bitPattern: try node.options?.number(0, 0) ?? Float(1).bitPattern)
      if beta != 1 { try network.folding.apply(.multiply, [Double(beta)], label) }
      network.tail = .softmax
    case .reshape, .squeeze, .expandDimensions: try graph.checkShape(node, network.folding.width)
    case .quantize, .dequantize:
      // Between operators in binary32 they would round to codes.
      throw .unsupportedUse(label, .type("FLOAT32"))
    case .other: throw .unsupportedOperator(label)
    }
  }

  private mutating func fullyConnected(
    _ node: TFLiteGraph.Operator, _ value: Int, _ label: InteropError.Node
  ) throws(InteropError) {
    try graph.checkLayer(node, value, label)
    let (shape, weights) = try graph.floats(node, 1)
    guard shape.count == 2 else {
      throw .unsupportedUse(label, .shape(found: shape, expected: []))
    }
    let bias = graph.has(node, 2) ? try graph.floats(node, 2).values : nil
    try network.folding.dense(weights, inputs: shape[1], outputs: shape[0], bias: bias, label)
    try fused(node, label)
  }

  private mutating func arithmetic(
    _ arithmetic: LayerFolding.Arithmetic, _ node: TFLiteGraph.Operator, _ value: Int,
    _ label: InteropError.Node
  ) throws(InteropError) {
    let (shape, values) = try graph.floats(node, node.inputs.first == value ? 1 : 0)
    guard shape.dropLast().allSatisfy({ $0 == 1 }) else {
      throw .unsupportedUse(label, .shape(found: shape, expected: [1, values.count]))
    }
    try network.folding.apply(arithmetic, values.map { Double($0) }, label)
    try fused(node, label)
  }

  private mutating func fused(
    _ node: TFLiteGraph.Operator, _ label: InteropError.Node
  ) throws(InteropError) {
    let code = try node.options?.number(0, 0, as: Int8.self) ?? 0
    switch TFLiteActivation(rawValue: code) {
    case TFLiteActivation.none?: break
    case .relu: try network.folding.activation(.relu, label)
    case .relu6: try network.folding.activation(.relu6, label)
    case .tanh: try network.folding.activation(.tanh, label)
    case .reluMinusOneToOne, nil:
      throw .unsupportedUse(label, .attribute("fused_activation_function", found: "\(code)"))
    }
  }
}

extension TFLiteGraph {
  /// The activation that an operator is; nil for other operators.
  func activation(_ node: Operator) throws(InteropError) -> Activation? {
    switch node.code {
    case .relu: return .relu
    case .relu6: return .relu6
    case .tanh: return .tanh
    case .logistic: return .sigmoid
    case .hardSwish: return .hardSwish
    case .gelu:
      return try node.options?.number(0, 0, as: UInt8.self) ?? 0 != 0 ? .geluTanh : .gelu
    case .leakyRelu:
      let slope = Float(bitPattern: try node.options?.number(0, 0) ?? 0)
      guard slope.isFinite else {
        throw .unsupportedUse(try label(node), .attribute("alpha", found: "\(slope)"))
      }
      return .leakyRelu(slope: slope)
    default: return nil
    }
  }

  /// Refuses a layer whose weights are computed or shuffled.
  func checkLayer(
    _ node: Operator, _ value: Int, _ label: InteropError.Node
  ) throws(InteropError) {
    guard node.inputs.first == value else { throw .unsupportedUse(label, .notConstant(input: 0)) }
    let layout = try node.options?.number(1, 0, as: Int8.self) ?? 0
    guard layout == 0 else {
      throw .unsupportedUse(label, .attribute("weights_format", found: "\(layout)"))
    }
  }

  /// Refuses a change of shape that would take a row apart.
  func checkShape(_ node: Operator, _ width: Int?) throws(InteropError) {
    guard let width = width ?? tensors[input].rowCount, let output = node.outputs.first,
      output >= 0
    else { return }
    guard tensors[output].rowCount == width else {
      throw .unsupportedUse(
        try label(node), .shape(found: tensors[output].shape, expected: [1, width]))
    }
  }
}
