// SPDX-License-Identifier: Apache-2.0
public import NNQFormat

extension FloatModel {
  /// An ONNX file of the whole model: readings in their units in, probabilities or values out.
  ///
  /// - Shape: input `x` is `[N][features]`, output `y` `[N][outputs]`, both binary32.
  /// - Rounding: the scaling is done in binary64, as nnq does it, so that an import has the same
  ///   offsets, scales and weights bit for bit.
  /// - Throws: ``InteropError/cannotWriteOperation(layer:name:)``.
  public func onnx() throws(InteropError) -> [UInt8] {
    var writer = ONNXWriter()
    var value = "x"
    if features.contains(where: { $0.offset != 0 || $0.scale != 1 }) {
      let offset = writer.doubles("offset", shape: [inputs], features.map(\.offset))
      let scale = writer.doubles("scale", shape: [inputs], features.map(\.scale))
      value = writer.node("Cast", [value], [("to", .integer(11))])
      value = writer.node("Sub", [value, offset])
      value = writer.node("Div", [value, scale])
      value = writer.node("Cast", [value], [("to", .integer(1))])
    }
    for (index, layer) in layers.enumerated() {
      try layer.requireExportable(index)
      let weights = writer.floats("w\(index)", shape: [layer.outputs, layer.inputs], layer.weights)
      let bias = writer.floats("b\(index)", shape: [layer.outputs], layer.bias)
      value = writer.node("Gemm", [value, weights, bias], [("transB", .integer(1))])
      if let operation = layer.activation.onnx { value = writer.node(operation, [value]) }
    }
    switch task.kind {
    case .binary, .multilabel: value = writer.node("Sigmoid", [value])
    case .multiclass: value = writer.node("Softmax", [value], [("axis", .integer(1))])
    case .regression where task.targetScaling.contains { $0.offset != 0 || $0.scale != 1 }:
      let scale = writer.doubles(
        "target_scale", shape: [outputs], task.targetScaling.map(\.scale))
      let offset = writer.doubles(
        "target_offset", shape: [outputs], task.targetScaling.map(\.offset))
      value = writer.node("Cast", [value], [("to", .integer(11))])
      value = writer.node("Mul", [value, scale])
      value = writer.node("Add", [value, offset])
      value = writer.node("Cast", [value], [("to", .integer(1))])
    case .regression, .anomaly: break
    }
    value = writer.node("Identity", [value], output: "y")
    return writer.file(input: "x", inputs: inputs, outputs: [(value, outputs)])
  }
}

extension Activation {
  /// The operator's name; nil for none.
  var onnx: String? {
    switch self {
    case .identity, .leakyRelu, .relu6, .gelu, .geluTanh, .silu, .hardSwish: nil
    case .relu: "Relu"
    case .tanh: "Tanh"
    case .sigmoid: "Sigmoid"
    }
  }
}
