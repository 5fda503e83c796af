// SPDX-License-Identifier: Apache-2.0
import NNQFormat

/// Follows the one value that goes through a TFLite graph in int8 codes, and keeps its integers.
///
/// - Source: LiteRT's reference kernels, whose single rounding is that of nnq. They form the factor
///   of a layer with one weight scale from the product of input and weight scale in binary32, that
///   of a layer with a scale a row in binary64.
struct TFLiteInt8Import {
  private let graph: TFLiteGraph
  private var network = Int8Network()
  /// The value left the codes for binary32.
  private var isFloat = false

  static func model(
    _ graph: TFLiteGraph, _ settings: ImportSettings
  ) throws(InteropError) -> Int8Model {
    var importer = TFLiteInt8Import(graph)
    try importer.follow()
    return try importer.network.model(settings)
  }

  private init(_ graph: TFLiteGraph) { self.graph = graph }

  private mutating func follow() throws(InteropError) {
    var value = graph.input
    for node in graph.operators {
      let label = try graph.label(node)
      guard node.inputs.contains(value), let output = node.outputs.first, output >= 0 else {
        throw .unsupportedUse(label, .branch)
      }
      switch node.code {
      case .dequantize: isFloat = true
      case .reshape, .squeeze, .expandDimensions:
        try graph.checkShape(node, network.width)
      case .softmax where network.width != nil && network.tail == .none: network.tail = .softmax
      default:
        guard !isFloat, network.tail == .none else {
          throw .unsupportedUse(label, .afterActivation)
        }
        try apply(node, value, output, label)
      }
      value = output
    }
    guard value == graph.output else { throw .wrongEnds(inputs: 1, outputs: 0) }
  }

  private mutating func apply(
    _ node: TFLiteGraph.Operator, _ value: Int, _ output: Int, _ label: InteropError.Node
  ) throws(InteropError) {
    switch node.code {
    case .quantize:
      guard network.width == nil, graph.tensors[value].type == .float else {
        throw .unsupportedUse(label, .type(graph.tensors[value].type?.name ?? "unknown"))
      }
    case .fullyConnected: try fullyConnected(node, value, output, label)
    case .tanh: try table(.tanh, value, output, label)
    case .logistic: try table(.sigmoid, value, output, label)
    case .relu: try table(.relu, value, output, label)
    case .relu6: try table(.relu, value, output, label, ceiling: 6)
    default: throw .unsupportedOperator(label)
    }
  }

  // MARK: - Layers

  private mutating func fullyConnected(
    _ node: TFLiteGraph.Operator, _ value: Int, _ output: Int, _ label: InteropError.Node
  ) throws(InteropError) {
    try graph.checkLayer(node, value, label)
    let taken = try step(value, label)
    let made = try step(output, label)
    let place = try graph.constant(node, 1, .int8)
    let shape = graph.tensors[place].shape
    guard shape.count == 2 else {
      throw .unsupportedUse(label, .shape(found: shape, expected: []))
    }
    let (outputs, inputs) = (shape[0], shape[1])
    try network.checkSize(inputs: inputs, outputs: outputs, label)
    try graph.check(place, count: try graph.data(place).count)
    let (activation, range) = try clamp(node, made, label)
    try network.dense(
      Int8Network.Dense(
        inputs: inputs, outputs: outputs,
        weights: try graph.data(place).map { Int8(bitPattern: $0) },
        bias: try bias(node, outputs, label),
        factors: try factors(place, outputs, taken, made, label), activation: activation,
        lowest: range.lowerBound, highest: range.upperBound),
      from: taken, to: made, label)
  }

  private func bias(
    _ node: TFLiteGraph.Operator, _ outputs: Int, _ label: InteropError.Node
  ) throws(InteropError) -> [Int] {
    guard graph.has(node, 2) else { return Array(repeating: 0, count: outputs) }
    let place = try graph.constant(node, 2, .int32)
    let values = littleEndian(try graph.data(place), as: Int32.self).map { Int($0) }
    guard values.count == outputs else {
      throw .unsupportedUse(label, .shape(found: [values.count], expected: [outputs]))
    }
    return values
  }

  private func factors(
    _ place: Int, _ outputs: Int, _ taken: CodeStep, _ made: CodeStep, _ label: InteropError.Node
  ) throws(InteropError) -> [FixedPointMultiplier] {
    guard let weights = try graph.quantization(place),
      weights.scales.count == 1 || weights.scales.count == outputs && weights.axis == 0,
      weights.zeroPoints.allSatisfy({ $0 == 0 })
    else { throw .unsupportedUse(label, .quantization(found: "of the weights")) }
    var factors: [FixedPointMultiplier] = []
    for scale in weights.scales {
      let rows = weights.scales.count
      guard let factor = LayerFactor.factor(taken.scale, scale, made.scale, rows: rows) else {
        throw .unsupportedUse(label, .quantization(found: "\(scale)"))
      }
      factors.append(factor)
    }
    return factors.count == outputs ? factors : Array(repeating: factors[0], count: outputs)
  }

  /// The codes that the built-in activation leaves.
  private func clamp(
    _ node: TFLiteGraph.Operator, _ made: CodeStep, _ label: InteropError.Node
  ) throws(InteropError) -> (Activation.Kind, ClosedRange<Int>) {
    let code = try node.options?.number(0, 0, as: Int8.self) ?? 0
    let all = CodeWidth.eight.range
    switch TFLiteActivation(rawValue: code) {
    case TFLiteActivation.none?: return (.identity, all)
    case .relu: return (.relu, made.zeroPoint...all.upperBound)
    case .relu6:
      let six = (6 / made.scale).rounded(.toNearestOrAwayFromZero)
      let highest = min(Float(all.upperBound), six + Float(made.zeroPoint))
      return (.relu, made.zeroPoint...Int(highest))
    case .reluMinusOneToOne, .tanh, nil:
      throw .unsupportedUse(label, .attribute("fused_activation_function", found: "\(code)"))
    }
  }

  private mutating func table(
    _ activation: Activation.Kind, _ value: Int, _ output: Int, _ label: InteropError.Node,
    ceiling: Float? = nil
  ) throws(InteropError) {
    guard network.width != nil else { throw .unsupportedUse(label, .beforeFirstLayer) }
    let (taken, made) = (try step(value, label), try step(output, label))
    guard let table = TFLiteTable.codes(activation, from: taken, to: made, ceiling: ceiling) else {
      throw .unsupportedUse(label, .quantization(found: "\(taken.scale)"))
    }
    try network.table(activation, table, to: made, label)
  }

  /// The one scale and zero point of an int8 tensor.
  private func step(_ place: Int, _ label: InteropError.Node) throws(InteropError) -> CodeStep {
    let tensor = graph.tensors[place]
    guard tensor.type == .int8 else {
      throw .unsupportedUse(label, .type(tensor.type?.name ?? "unknown"))
    }
    guard let quantization = try graph.quantization(place), quantization.scales.count == 1,
      quantization.zeroPoints.count <= 1,
      let step = CodeStep(
        checking: quantization.scales[0], quantization.zeroPoints.first ?? 0, .eight)
    else { throw .unsupportedUse(label, .quantization(found: "of \(try graph.name(place))")) }
    return step
  }
}
