// SPDX-License-Identifier: Apache-2.0
import NNQFormat

/// Follows the one value that goes through a TFLite graph in int8 codes, and keeps its integers.
///
/// A network that takes or gives uint8 codes is int8 between a QUANTIZE at each end: the codes of
/// the model are the int8 ones, 128 below those of the file.
///
/// - Source: LiteRT's reference kernels, whose single rounding is that of nnq. They form the factor
///   of a layer with one weight scale from the product of input and weight scale in binary32, that
///   of a layer with a scale a row in binary64.
struct TFLiteInt8Import {
  private let graph: TFLiteGraph
  private var network = Int8Network()
  /// The value left the int8 codes for binary32 or uint8.
  private var hasLeft = false

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
      case .dequantize: hasLeft = true
      case .quantize where network.width != nil && !hasLeft:
        try checkShift(signed: value, unsigned: output, label)
        hasLeft = true
      case .reshape, .squeeze, .expandDimensions:
        try graph.checkShape(node, network.width)
      case .softmax where network.width != nil && network.tail == .none: network.tail = .softmax
      default:
        guard !hasLeft, network.tail == .none else {
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
      // Behind the first layer a QUANTIZE ends the path, or follows its end.
      guard graph.tensors[value].type != .float else { return }
      try checkShift(signed: output, unsigned: value, label)
    case .fullyConnected: try fullyConnected(node, value, output, label)
    default:
      guard let activation = try graph.activation(node) else { throw .unsupportedOperator(label) }
      try table(activation, value, output, label)
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
    // Layers of 16-bit codes come with a bias of 64 bits.
    let isWide = graph.tensors[node.inputs[2]].type == .int64
    let place = try graph.constant(node, 2, isWide ? .int64 : .int32)
    let data = try graph.data(place)
    let values =
      isWide
      ? littleEndian(data, as: Int64.self).map { Int($0) }
      : littleEndian(data, as: Int32.self).map { Int($0) }
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
    let all = made.width.range
    switch TFLiteActivation(rawValue: code) {
    case TFLiteActivation.none?: return (.identity, all)
    case .relu: return (.relu, made.zeroPoint...all.upperBound)
    case .relu6:
      return (.relu6, made.zeroPoint...made.code(6))
    case .reluMinusOneToOne, .tanh, nil:
      throw .unsupportedUse(label, .attribute("fused_activation_function", found: "\(code)"))
    }
  }

  private mutating func table(
    _ activation: Activation, _ value: Int, _ output: Int, _ label: InteropError.Node
  ) throws(InteropError) {
    guard network.width != nil else { throw .unsupportedUse(label, .beforeFirstLayer) }
    let (taken, made) = (try step(value, label), try step(output, label))
    guard taken.width == .eight, made.width == .eight else {
      throw .unsupportedUse(label, .type(TFLiteType.int16.name))
    }
    guard let table = TFLiteTable.codes(activation, from: taken, to: made) else {
      throw .unsupportedUse(label, .quantization(found: "\(taken.scale)"))
    }
    try network.table(activation.kind, .eight(table), to: made, label)
  }

  /// The one scale and zero point of a tensor of codes.
  private func step(_ place: Int, _ label: InteropError.Node) throws(InteropError) -> CodeStep {
    let tensor = graph.tensors[place]
    guard tensor.type == .int8 || tensor.type == .int16 else {
      throw .unsupportedUse(label, .type(tensor.type?.name ?? "unknown"))
    }
    let width: CodeWidth = tensor.type == .int8 ? .eight : .sixteen
    guard let quantization = try graph.quantization(place), quantization.scales.count == 1,
      quantization.zeroPoints.count <= 1,
      let step = CodeStep(
        checking: quantization.scales[0], quantization.zeroPoints.first ?? 0, width)
    else { throw .unsupportedUse(label, .quantization(found: "of \(try graph.name(place))")) }
    return step
  }

  /// Refuses a QUANTIZE that does more than move int8 codes to uint8 or back by 128.
  private func checkShift(
    signed: Int, unsigned: Int, _ label: InteropError.Node
  ) throws(InteropError) {
    let types = [signed, unsigned].map { graph.tensors[$0].type }
    guard types == [.int8, .uint8] else {
      let found = types[1] == .uint8 ? types[0] : types[1]
      throw .unsupportedUse(label, .type(found?.name ?? "unknown"))
    }
    let step = try step(signed, label)
    guard let codes = try graph.quantization(unsigned), codes.scales == [step.scale],
      codes.zeroPoints.count <= 1, codes.zeroPoints.first ?? 0 == Int64(step.zeroPoint) + 128
    else { throw .unsupportedUse(label, .type(TFLiteType.uint8.name)) }
  }
}
