// SPDX-License-Identifier: Apache-2.0
import NNQFormat
import NNQQuantize

/// Follows the one value that goes through an ONNX graph with codes, and keeps its integers.
///
/// Both forms are read: float operators between DequantizeLinear and QuantizeLinear, and operators
/// on codes (QLinearMatMul, QGemm). uint8 codes become int8 codes by a shift of 128.
///
/// onnxruntime scales sums in binary32 and rounds ties to even; nnq scales with 31 bits and rounds
/// ties up. So a code may differ by 1 where a sum lies next to a rounding boundary, and what the next
/// layers make of that.
struct ONNXInt8Import {
  /// What the value that is followed stands for.
  private enum Stage {
    /// Readings on their way to the first codes.
    case reading
    case codes(CodeStep)
    /// Real numbers that codes stand for.
    case real(CodeStep)
    /// The sums of a layer that is yet to be written in codes.
    case sums(Sums)
    /// An activation of real numbers that is yet to be written in codes again.
    case activated(CodeStep, ONNXActivation)
  }

  private struct Sums {
    var taken: CodeStep
    /// `[outputs][inputs]`, the weights in integers.
    var weights: ForeignTensor
    /// `[outputs]`, in units of `taken.scale` times the row's scale.
    var bias: [Double]
    /// Real bounds that an activation sets.
    var lowest: Float?
    var highest: Float?
    var activation = Activation.Kind.identity
    var node: InteropError.Node
  }

  private var path: ONNXPath
  private var network = Int8Network()
  private var stage = Stage.reading
  private var reading = ONNXReading()
  /// The type of the codes that are followed, for operators that leave out the zero point.
  private var codeType = ForeignTensor.CodeType.uint8

  static func model(
    _ path: ONNXPath, _ settings: ImportSettings
  ) throws(InteropError) -> Int8Model {
    var importer = ONNXInt8Import(path: path)
    try importer.follow()
    return try importer.network.model(settings)
  }

  private init(path: ONNXPath) { self.path = path }

  private mutating func follow() throws(InteropError) {
    while true {
      switch try path.next() {
      case .node(let node): try apply(node)
      case .activation(let activation, let label):
        guard case .real(let step) = stage, network.width != nil, network.pending == nil,
          network.tail == .none
        else { throw .unsupportedUse(label, .quantization(found: "of its input")) }
        stage = .activated(step, ONNXActivation(activation, label))
      case .tail:
        let tail = try ONNXTail(path)
        network.classes = tail.classes
        if network.tail == .none, tail.picksHighest, network.width != 1 { network.tail = .argmax }
        return try finish()
      case .end: return try finish()
      }
    }
  }

  /// Takes what stands behind the last codes.
  private mutating func finish() throws(InteropError) {
    switch stage {
    case .reading: throw .noLayers
    case .codes, .real: break
    case .activated(_, let activation) where activation.function == .sigmoid:
      network.tail = .sigmoid
    case .activated(_, let activation):
      throw .unsupportedUse(activation.label, .quantization(found: "of the output"))
    case .sums(let sums):
      throw .unsupportedUse(sums.node, .quantization(found: "of the output"))
    }
  }

  // MARK: - Operators

  private mutating func apply(_ node: ONNXGraph.Node) throws(InteropError) {
    let label = node.label
    if try path.isNeutral(node, width: network.width) { return }
    guard network.tail == .none else { throw .unsupportedUse(label, .afterActivation) }
    switch (node.qualified, stage) {
    case ("QuantizeLinear", _), ("com.microsoft.QuantizeLinear", _): try quantize(node)
    case ("DequantizeLinear", .codes(let step)),
      ("com.microsoft.DequantizeLinear", .codes(let step)):
      let stated = try path.graph.step(node, scale: 1, zeroPoint: 2, type: codeType)
      guard stated == step else {
        throw .unsupportedUse(label, .quantization(found: "\(stated.scale)"))
      }
      stage = .real(step)
    case ("Gemm", .real(let step)), ("MatMul", .real(let step)): try product(node, step)
    case ("QLinearMatMul", .codes), ("com.microsoft.QGemm", .codes): try codeProduct(node)
    case ("Softmax", .real), ("LogSoftmax", .real):
      try path.checkSoftmax(node)
      guard network.width != nil else { throw .unsupportedUse(label, .beforeFirstLayer) }
      network.tail = .softmax
    case (_, .reading): try read(node)
    case ("Add", .sums(var sums)): try addBias(node, &sums)
    case (_, .sums(var sums)):
      guard let clamp = try ONNXActivation(node, path.graph), let bounds = clamp.bounds,
        sums.lowest == nil
      else { throw .unsupportedUse(label, .quantization(found: "of its input")) }
      (sums.lowest, sums.highest) = bounds
      // A clamp at another place than 6 is a ReLU that ends earlier.
      sums.activation = clamp.function?.kind ?? (bounds.lowest == 0 ? .relu : .identity)
      stage = .sums(sums)
    case (_, .real(let step)):
      if let steps = try path.arithmetic(node) {
        guard let width = network.width else { throw .unsupportedUse(label, .beforeFirstLayer) }
        var pending = network.pending ?? LayerFolding.Pending(count: width)
        for (arithmetic, constant) in steps { try pending.apply(arithmetic, constant, label) }
        network.pending = pending
      } else if let activation = try ONNXActivation(node, path.graph), network.pending == nil {
        guard network.width != nil else { throw .unsupportedUse(label, .beforeFirstLayer) }
        stage = .activated(step, activation)
      } else {
        throw .unsupportedOperator(label)
      }
    case (_, .activated): throw .unsupportedUse(label, .afterActivation)
    default: throw .unsupportedOperator(label)
    }
  }

  /// Arithmetic in front of the first codes.
  private mutating func read(_ node: ONNXGraph.Node) throws(InteropError) {
    if node.qualified == "Floor" { return try reading.floor(node.label) }
    guard let steps = try path.arithmetic(node) else {
      throw .unsupportedOperator(node.label)
    }
    for (arithmetic, constant) in steps { try reading.apply(arithmetic, constant, node.label) }
  }

  private mutating func quantize(_ node: ONNXGraph.Node) throws(InteropError) {
    codeType = path.graph.codeType(node)
    let made = try path.graph.step(node, scale: 1, zeroPoint: 2, type: codeType)
    switch stage {
    case .reading: network.reading = try reading.rule(made, node.label)
    case .codes: throw .unsupportedUse(node.label, .type("codes"))
    case .real(let step):
      guard network.pending == nil else { throw .unsupportedUse(node.label, .afterActivation) }
      // Codes that are written again on another scale.
      if step != made { try table(.identity, step, made, node.label) { $0 } }
    case .sums(let sums): try dense(sums, made)
    case .activated(let step, let activation):
      try table(activation.function?.kind ?? .identity, step, made, node.label) { activation($0) }
    }
    stage = .codes(made)
  }

  private mutating func table(
    _ activation: Activation.Kind, _ taken: CodeStep, _ made: CodeStep, _ node: InteropError.Node,
    _ function: (Double) -> Double
  ) throws(InteropError) {
    guard network.width != nil else { throw .unsupportedUse(node, .beforeFirstLayer) }
    // Codes of 8 bits are too few to make 16 bits of.
    guard taken.width == .sixteen || made.width == .eight else {
      throw .unsupportedUse(node, .type("int16"))
    }
    let values = FlatImage.Layer.Table.codes(taken.width).map { function(taken.affine.real($0)) }
    let table = FlatImage.Layer.Table(values: values, of: taken.width, in: made.affine)
    try network.table(activation, table, to: made, node)
  }

  // MARK: - Layers

  /// Gemm or MatMul of real numbers that codes stand for, with weights that do too.
  private mutating func product(
    _ node: ONNXGraph.Node, _ taken: CodeStep
  ) throws(InteropError) {
    let isGemm = node.qualified == "Gemm"
    guard node.inputs.first == path.taken, network.pending == nil else {
      throw .unsupportedUse(node.label, .notConstant(input: 0))
    }
    for name in ["alpha", "beta"] where (node.float(name) ?? 1) != 1 {
      throw .unsupportedUse(node.label, .attribute(name, found: "\(node.float(name) ?? 1)"))
    }
    guard node.integer("transA") ?? 0 == 0 else {
      throw .unsupportedUse(node.label, .attribute("transA", found: "1"))
    }
    let weights = try path.matrix(node, 1, outputsFirst: isGemm && node.integer("transB") ?? 0 != 0)
    guard weights.quantization != nil else {
      throw .unsupportedUse(node.label, .quantization(found: "of the weights"))
    }
    var sums = Sums(
      taken: taken, weights: weights, bias: Array(repeating: 0, count: weights.shape[0]),
      node: node.label)
    if isGemm, node.inputs.count > 2, !node.inputs[2].isEmpty {
      try setBias(&sums, node, input: 2)
    }
    stage = .sums(sums)
  }

  private mutating func addBias(
    _ node: ONNXGraph.Node, _ sums: inout Sums
  ) throws(InteropError) {
    guard node.inputs.count == 2, sums.lowest == nil, sums.bias.allSatisfy({ $0 == 0 }) else {
      throw .unsupportedUse(node.label, .afterActivation)
    }
    try setBias(&sums, node, input: node.inputs[0] == path.taken ? 1 : 0)
    stage = .sums(sums)
  }

  /// The bias in units of the sums: integers as they are where they have the sums' scale.
  private func setBias(
    _ sums: inout Sums, _ node: ONNXGraph.Node, input: Int
  ) throws(InteropError) {
    let values = try path.vector(node, input)
    let rows = sums.bias.count
    guard values.count == 1 || values.count == rows else {
      throw .unsupportedUse(node.label, .shape(found: [values.count], expected: [rows]))
    }
    let tensor = path.graph.constants[node.inputs[input]]
    for row in 0..<rows {
      let place = values.count == 1 ? 0 : row
      let scale = sums.weights.rowScale(row)
      sums.bias[row] = values[place] / (Double(sums.taken.scale) * Double(scale))
      guard let quantization = tensor?.quantization, let integers = tensor?.integers else {
        continue
      }
      let own = quantization.scales.count == 1 ? 0 : place
      if quantization.scales[own] == sums.taken.scale * scale, quantization.zeroPoints[own] == 0 {
        sums.bias[row] = Double(integers[place])
      }
    }
  }

  /// QLinearMatMul or QGemm.
  private mutating func codeProduct(_ node: ONNXGraph.Node) throws(InteropError) {
    let isGemm = node.qualified == "com.microsoft.QGemm"
    guard case .codes(let taken) = stage, node.inputs.first == path.taken, node.inputs.count >= 6
    else { throw .unsupportedUse(node.label, .notConstant(input: 0)) }
    let stated = try path.graph.step(node, scale: 1, zeroPoint: 2, type: codeType)
    guard stated == taken else {
      throw .unsupportedUse(node.label, .quantization(found: "\(stated.scale)"))
    }
    guard node.float("alpha") ?? 1 == 1, node.integer("transA") ?? 0 == 0 else {
      throw .unsupportedUse(node.label, .attribute("alpha or transA", found: "not 1 or 0"))
    }
    let isTransposed = isGemm && node.integer("transB") ?? 0 != 0
    var weights = try path.matrix(node, 3, outputsFirst: isTransposed)
    weights.quantization = try path.graph.quantization(
      node, of: weights, scale: 4, zeroPoint: 5, axis: 0)
    var bias = [Double](repeating: 0, count: weights.shape[0])
    if isGemm, node.inputs.count > 6, !node.inputs[6].isEmpty {
      let values = try path.vector(node, 6)
      guard values.count == bias.count else {
        throw .unsupportedUse(node.label, .shape(found: [values.count], expected: [bias.count]))
      }
      bias = values
    }
    let sums = Sums(taken: taken, weights: weights, bias: bias, node: node.label)
    let output = isGemm ? 7 : 6
    guard node.inputs.count > output, !node.inputs[output].isEmpty else {
      throw .unsupportedUse(node.label, .quantization(found: "of the output"))
    }
    let made = try path.graph.step(
      node, scale: output, zeroPoint: output + 1, type: codeType)
    try dense(sums, made)
    stage = .codes(made)
  }

  /// A layer whose integers are all known.
  private mutating func dense(_ sums: Sums, _ made: CodeStep) throws(InteropError) {
    let (outputs, inputs) = (sums.weights.shape[0], sums.weights.shape[1])
    try network.checkSize(inputs: inputs, outputs: outputs, sums.node)
    guard let integers = sums.weights.integers, let quantization = sums.weights.quantization,
      quantization.scales.count == 1 || quantization.axis == 0
    else { throw .unsupportedUse(sums.node, .quantization(found: "of the weights")) }
    var weights: [Int8] = []
    weights.reserveCapacity(integers.count)
    var factors: [FixedPointMultiplier] = []
    for row in 0..<outputs {
      let zeroPoint = quantization.zeroPoints[quantization.zeroPoints.count == 1 ? 0 : row]
      for integer in integers[row * inputs..<(row + 1) * inputs] {
        guard let weight = Int8(exactly: integer &- zeroPoint) else {
          throw .unsupportedUse(
            sums.node, .integer(row: row, found: Int(clamping: integer &- zeroPoint)))
        }
        weights.append(weight)
      }
      guard
        let factor = LayerFactor.factor(
          sums.taken.scale, sums.weights.rowScale(row), made.scale,
          rows: quantization.scales.count)
      else {
        throw .unsupportedUse(
          sums.node, .quantization(found: "\(sums.weights.rowScale(row))"))
      }
      factors.append(factor)
    }
    guard sums.bias.allSatisfy(\.isFinite) else {
      throw .wrongTensor("bias of \(sums.node.name)", shape: [outputs])
    }
    let bias = sums.bias.map { Int(min(max($0.rounded(.toNearestOrEven), -0x1p40), 0x1p40)) }
    let lowest = sums.lowest.map(made.code) ?? made.width.range.lowerBound
    let highest = sums.highest.map(made.code) ?? made.width.range.upperBound
    guard lowest <= highest else {
      throw .unsupportedUse(sums.node, .quantization(found: "\(made.scale)"))
    }
    try network.dense(
      Int8Network.Dense(
        inputs: inputs, outputs: outputs, weights: weights, bias: bias, factors: factors,
        activation: sums.activation, lowest: lowest, highest: highest),
      from: sums.taken, to: made, sums.node)
  }
}

extension ForeignTensor {
  /// The scale of a row of a matrix in codes.
  fileprivate func rowScale(_ row: Int) -> Float {
    guard let scales = quantization?.scales else { return 1 }
    return scales[scales.count == 1 ? 0 : min(row, scales.count - 1)]
  }
}
