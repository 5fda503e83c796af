// SPDX-License-Identifier: Apache-2.0
import NNQFormat

/// Follows the one value that goes through a TFLite graph in int8 codes, and keeps its integers.
///
/// - Source: LiteRT's reference kernels, whose single rounding is that of nnq. They form the factor
///   of a layer with one weight scale from the product of input and weight scale in binary32, that
///   of a layer with a scale a row in binary64.
struct TFLiteInt8Import {
  private let graph: TFLiteGraph
  private var layers: [FlatImage.Layer] = []
  private var scales: [Step] = []
  private var input: Step?
  private var tail = Tail.none
  /// The value left the codes for binary32.
  private var isFloat = false
  private var weightCount = 0

  /// The scale and zero point of codes.
  struct Step: Equatable {
    let scale: Float
    let zeroPoint: Int
  }

  static func model(
    _ graph: TFLiteGraph, _ settings: ImportSettings
  ) throws(InteropError) -> Int8Model {
    var importer = TFLiteInt8Import(graph)
    try importer.follow()
    return try importer.model(settings)
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
        try graph.checkShape(node, layers.last?.outputs)
      case .softmax where !layers.isEmpty && tail == .none: tail = .softmax
      default:
        guard !isFloat, tail == .none else { throw .unsupportedUse(label, .afterActivation) }
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
      guard layers.isEmpty, graph.tensors[value].type == .float else {
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
    guard shape.count == 2, shape.allSatisfy({ (1...FormatLimit.width).contains($0) }),
      layers.last?.outputs ?? shape[1] == shape[1]
    else { throw .unsupportedUse(label, .shape(found: shape, expected: [])) }
    let (outputs, inputs) = (shape[0], shape[1])
    try graph.check(place, count: try graph.data(place).count)
    weightCount += inputs * outputs
    guard layers.count < FormatLimit.layers, weightCount <= FormatLimit.section else {
      throw .tooLarge("weights", found: weightCount, limit: FormatLimit.section)
    }
    let weights = try graph.data(place).map { Int8(bitPattern: $0) }
    let factors = try factors(place, outputs, taken, made, label)
    let given = try bias(node, outputs, label)
    var bias: [Int32] = []
    for row in 0..<outputs {
      var sum = 0
      for weight in weights[row * inputs..<(row + 1) * inputs] {
        guard weight > -128 else { throw .unsupportedUse(label, .integer(row: row, found: -128)) }
        sum += Int(weight)
      }
      let folded = given[row] - taken.zeroPoint * sum
      guard folded.magnitude <= 1 << 30 else {
        throw .unsupportedUse(label, .integer(row: row, found: folded))
      }
      bias.append(Int32(folded))
    }
    let (activation, range) = try clamp(node, made, label)
    if layers.isEmpty { input = taken }
    layers.append(
      FlatImage.Layer(
        inputs: inputs, outputs: outputs, activation: activation, outputWidth: .eight,
        zeroPoint: Int16(made.zeroPoint), lowest: Int16(range.lowerBound),
        highest: Int16(range.upperBound), bias: bias, factors: factors, weights: weights))
    scales.append(made)
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
    _ place: Int, _ outputs: Int, _ taken: Step, _ made: Step, _ label: InteropError.Node
  ) throws(InteropError) -> [FixedPointMultiplier] {
    guard let weights = try graph.quantization(place),
      weights.scales.count == 1 || weights.scales.count == outputs && weights.axis == 0,
      weights.zeroPoints.allSatisfy({ $0 == 0 })
    else { throw .unsupportedUse(label, .quantization(found: "of the weights")) }
    var factors: [FixedPointMultiplier] = []
    for scale in weights.scales {
      let rows = weights.scales.count
      guard let factor = LiteRTFactor.factor(taken.scale, scale, made.scale, rows: rows) else {
        throw .unsupportedUse(label, .quantization(found: "\(scale)"))
      }
      factors.append(factor)
    }
    return factors.count == outputs ? factors : Array(repeating: factors[0], count: outputs)
  }

  /// The codes that the built-in activation leaves.
  private func clamp(
    _ node: TFLiteGraph.Operator, _ made: Step, _ label: InteropError.Node
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
    guard var layer = layers.popLast(), scales.popLast() != nil else {
      throw .unsupportedUse(label, .beforeFirstLayer)
    }
    let (taken, made) = (try step(value, label), try step(output, label))
    guard let table = TFLiteTable.codes(activation, from: taken, to: made, ceiling: ceiling) else {
      throw .unsupportedUse(label, .quantization(found: "\(taken.scale)"))
    }
    if case .eight(let codes) = layer.table {
      layer.table = .eight(codes.map { table[Int($0) + 128] })
    } else {
      layer.table = .eight(table)
    }
    layer.activation = activation
    layers.append(layer)
    scales.append(made)
  }

  /// The one scale and zero point of an int8 tensor.
  private func step(_ place: Int, _ label: InteropError.Node) throws(InteropError) -> Step {
    let tensor = graph.tensors[place]
    guard tensor.type == .int8 else {
      throw .unsupportedUse(label, .type(tensor.type?.name ?? "unknown"))
    }
    guard let quantization = try graph.quantization(place), quantization.scales.count == 1,
      quantization.scales[0].isFinite, quantization.scales[0] > 0,
      quantization.zeroPoints.count <= 1,
      (-128...127).contains(quantization.zeroPoints.first ?? 0)
    else { throw .unsupportedUse(label, .quantization(found: "of \(try graph.name(place))")) }
    return Step(
      scale: quantization.scales[0], zeroPoint: Int(quantization.zeroPoints.first ?? 0))
  }

  // MARK: - Model

  private func model(_ settings: ImportSettings) throws(InteropError) -> Int8Model {
    guard let first = layers.first, let last = layers.last, let input, let output = scales.last
    else { throw .noLayers }
    var (layers, scales) = (layers, scales)
    let natural = last.activation == .sigmoid && tail == .none ? Tail.sigmoid : tail
    let task = try settings.task(
      inputs: first.inputs, outputs: last.outputs, tail: natural, classes: nil)
    var step = output
    if natural == .sigmoid, task.kind == .binary || task.kind == .multilabel,
      let logits = logitStep
    {
      // The task takes logits: its threshold is one of probabilities.
      layers[layers.count - 1].table = nil
      layers[layers.count - 1].activation = .identity
      scales[scales.count - 1] = logits
      step = logits
    }
    let rules = try Int8OutputRules(task, outputs: last.outputs, input: input, output: step)
    let image = FlatImage(
      inputs: first.inputs, inputWidth: .eight, layers: layers, task: task.kind,
      probability: rules.probability, scoreThreshold: rules.scoreThreshold,
      outputs: rules.outputs, score: rules.score.map { Array(repeating: $0, count: first.inputs) })
    do { try image.validate() } catch { throw .format(error) }
    return Int8Model(
      image: image, features: try settings.features(count: first.inputs), task: task,
      input: Array(
        repeating: Int8Model.Input(
          offset: 0, inverseScale: 1 / Double(input.scale), zeroPoint: Int32(input.zeroPoint)),
        count: first.inputs),
      tensors: scales.map {
        Int8Model.Tensor(scale: Double($0.scale), zeroPoint: Int32($0.zeroPoint))
      })
  }

  /// The codes in front of a sigmoid that ends the network.
  private var logitStep: Step? {
    guard let node = graph.operators.last(where: { $0.code == .logistic }) else { return nil }
    return try? step(node.inputs[0], InteropError.Node(name: "", operation: node.code.name))
  }
}
