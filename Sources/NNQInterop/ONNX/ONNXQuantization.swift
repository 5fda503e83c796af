// SPDX-License-Identifier: Apache-2.0
import NNQFormat

/// Scales and zero points as QuantizeLinear, DequantizeLinear and the QLinear operators give them.
extension ONNXGraph {
  /// The codes that an operator names by a scale and a zero point at two of its inputs.
  ///
  /// - Parameter type: the type of the codes where the zero point is left out.
  func step(
    _ node: Node, scale: Int, zeroPoint: Int, type: ForeignTensor.CodeType
  ) throws(InteropError) -> CodeStep {
    try checkBlocks(node)
    guard scale < node.inputs.count, let constant = constants[node.inputs[scale]],
      let scales = constant.floats
    else { throw .unsupportedUse(node.label, .notConstant(input: scale)) }
    var (type, offset) = (type, Int64(0))
    if zeroPoint < node.inputs.count, !node.inputs[zeroPoint].isEmpty {
      guard let constant = constants[node.inputs[zeroPoint]], let found = constant.codeType,
        let values = constant.integers, values.count == 1
      else { throw .unsupportedUse(node.label, .notConstant(input: zeroPoint)) }
      (type, offset) = (found, values[0])
    }
    guard scales.count == 1,
      let step = CodeStep(checking: scales[0], offset &+ type.shift, type.width)
    else {
      throw .unsupportedUse(
        node.label, .quantization(found: scales.count == 1 ? "\(scales[0])" : "\(scales.count)"))
    }
    return step
  }

  /// The type of the codes that a QuantizeLinear makes.
  func codeType(_ node: Node) -> ForeignTensor.CodeType {
    if node.inputs.count > 2, let type = constants[node.inputs[2]]?.codeType { return type }
    return ForeignTensor.codeType(Int(clamping: node.integer("output_dtype") ?? 0)) ?? .uint8
  }

  /// How the integers of a constant stand for real values, from the inputs of a DequantizeLinear.
  func quantization(
    _ node: Node, of tensor: ForeignTensor, scale: Int = 1, zeroPoint: Int = 2,
    axis given: Int? = nil
  ) throws(InteropError) -> ForeignTensor.Quantization {
    try checkBlocks(node)
    guard scale < node.inputs.count, let scales = constants[node.inputs[scale]]?.floats,
      tensor.quantization == nil
    else { throw .unsupportedUse(node.label, .notConstant(input: scale)) }
    var zeroPoints = [Int64](repeating: 0, count: scales.count)
    if zeroPoint < node.inputs.count, !node.inputs[zeroPoint].isEmpty {
      guard let values = constants[node.inputs[zeroPoint]]?.integers else {
        throw .unsupportedUse(node.label, .notConstant(input: zeroPoint))
      }
      zeroPoints = values
    }
    let rank = tensor.shape.count
    var axis = given ?? Int(clamping: node.integer("axis") ?? 1)
    if axis < 0 { axis += rank }
    if scales.count == 1 { axis = 0 }
    guard scales.allSatisfy({ $0.isFinite && $0 > 0 }), zeroPoints.count == scales.count,
      scales.count == 1 || (0..<rank).contains(axis) && tensor.shape[axis] == scales.count
    else { throw .unsupportedUse(node.label, .quantization(found: "\(scales.count)")) }
    return ForeignTensor.Quantization(scales: scales, zeroPoints: zeroPoints, axis: axis)
  }

  /// The integers that a QuantizeLinear makes of a constant in binary32.
  ///
  /// - Rounding: to nearest, ties to even, in binary32.
  func quantized(_ tensor: ForeignTensor, _ node: Node) throws(InteropError) -> ForeignTensor? {
    guard case .floats(let values) = tensor.elements else { return nil }
    var probe = tensor
    probe.elements = .integers(Array(repeating: 0, count: values.count))
    let quantization = try quantization(node, of: probe)
    let type = codeType(node)
    let range = type.width.range
    let (low, high) = (
      Int64(range.lowerBound) - type.shift, Int64(range.upperBound) - type.shift
    )
    let size = tensor.shape.dropFirst(quantization.axis + 1).reduce(1, *)
    let places = quantization.scales.count
    var integers: [Int64] = []
    for (index, value) in values.enumerated() {
      let place = places == 1 ? 0 : index / size % places
      let scaled = (value / quantization.scales[place]).rounded(.toNearestOrEven)
      guard scaled.isFinite else { throw .wrongTensor(node.label.name, shape: tensor.shape) }
      // Beyond the clamp of any code a number may be cut off.
      let near = Int64(min(max(scaled, -0x1p20), 0x1p20))
      integers.append(min(max(near &+ quantization.zeroPoints[place], low), high))
    }
    probe.elements = .integers(integers)
    probe.codeType = type
    return probe
  }

  private func checkBlocks(_ node: Node) throws(InteropError) {
    let block = node.integer("block_size") ?? 0
    guard block == 0 else {
      throw .unsupportedUse(node.label, .attribute("block_size", found: "\(block)"))
    }
  }
}
