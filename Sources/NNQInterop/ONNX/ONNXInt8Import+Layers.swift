// SPDX-License-Identifier: Apache-2.0
import NNQFormat
import NNQQuantize

/// Layers whose weights are codes: from real numbers that codes stand for, or on codes.
extension ONNXInt8Import {
  /// Gemm or MatMul of real numbers that codes stand for, with weights that do too.
  mutating func product(
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

  mutating func addBias(
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
  mutating func codeProduct(_ node: ONNXGraph.Node) throws(InteropError) {
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
  mutating func dense(_ sums: Sums, _ made: CodeStep) throws(InteropError) {
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
