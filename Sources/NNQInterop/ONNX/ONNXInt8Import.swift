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
  enum Stage {
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

  struct Sums {
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

  var path: ONNXPath
  var network = Int8Network()
  var stage = Stage.reading
  private var reading = ONNXReading()
  /// The type of the codes that are followed, for operators that leave out the zero point.
  var codeType = ForeignTensor.CodeType.uint8

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
}
