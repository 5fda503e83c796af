// SPDX-License-Identifier: Apache-2.0
import NNQFormat

/// The constants that operators combine with the value that is followed.
extension ONNXPath {
  /// A constant matrix as `[outputs][inputs]`.
  func matrix(
    _ node: ONNXGraph.Node, _ input: Int, outputsFirst: Bool
  ) throws(InteropError) -> ForeignTensor {
    guard input < node.inputs.count, let tensor = graph.constants[node.inputs[input]] else {
      throw .unsupportedUse(node.label, .notConstant(input: input))
    }
    guard tensor.shape.count == 2, tensor.elements.count > 0,
      tensor.integers != nil || tensor.names == nil,
      let matrix = outputsFirst ? tensor : tensor.transposed
    else { throw .unsupportedUse(node.label, .shape(found: tensor.shape, expected: [])) }
    return matrix
  }

  /// A constant that stands for one row: all dimensions but the last are 1.
  func vector(_ node: ONNXGraph.Node, _ input: Int) throws(InteropError) -> [Double] {
    guard input < node.inputs.count, let tensor = graph.constants[node.inputs[input]],
      let numbers = tensor.numbers
    else { throw .unsupportedUse(node.label, .notConstant(input: input)) }
    guard tensor.shape.dropLast().allSatisfy({ $0 == 1 }), !numbers.isEmpty else {
      throw .unsupportedUse(node.label, .shape(found: tensor.shape, expected: [1, numbers.count]))
    }
    return numbers
  }

  /// The constant that is combined with the value.
  func operand(_ node: ONNXGraph.Node) throws(InteropError) -> [Double] {
    guard node.inputs.count == 2 else {
      throw .unsupportedUse(node.label, .notConstant(input: 1))
    }
    return try vector(node, node.inputs[0] == taken ? 1 : 0)
  }

  /// The arithmetic with a constant that an operator does, step by step; nil for other operators.
  func arithmetic(
    _ node: ONNXGraph.Node
  ) throws(InteropError) -> [(LayerFolding.Arithmetic, [Double])]? {
    switch node.qualified {
    case "Add": return [(.add, try operand(node))]
    case "Mul": return [(.multiply, try operand(node))]
    case "Sub":
      let operand = try operand(node)
      if node.inputs.first == taken { return [(.subtract, operand)] }
      return [(.multiply, [-1]), (.add, operand)]
    case "Div":
      guard node.inputs.first == taken else {
        throw .unsupportedUse(node.label, .notConstant(input: 1))
      }
      return [(.divide, try operand(node))]
    case "ai.onnx.ml.Scaler":
      var steps: [(LayerFolding.Arithmetic, [Double])] = []
      if let offsets = node.floats("offset") {
        steps.append((.subtract, offsets.map { Double($0) }))
      }
      if let scales = node.floats("scale") {
        steps.append((.multiply, scales.map { Double($0) }))
      }
      return steps
    default: return nil
    }
  }
}
