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
      switch layer.operation {
      case .dense(let weights, let bias):
        let w = writer.floats("w\(index)", shape: [layer.outputs, layer.inputs], weights)
        let b = writer.floats("b\(index)", shape: [layer.outputs], bias)
        value = writer.node("Gemm", [value, w, b], [("transB", .integer(1))])
      case .layerNorm(let gamma, let beta, let epsilon):
        let g = writer.floats("g\(index)", shape: [layer.outputs], gamma)
        let b = writer.floats("b\(index)", shape: [layer.outputs], beta)
        value = writer.node(
          "LayerNormalization", [value, g, b],
          [("axis", .integer(-1)), ("epsilon", .float(epsilon))])
      case .add, .gate: throw layer.cannotBeWritten(index)
      }
      value = writer.activation(layer.activation, of: value, index)
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
    return writer.file(
      input: "x", inputs: inputs, outputs: [(value, outputs)],
      version: layers.contains { [.gelu, .geluTanh].contains($0.activation) } ? 20 : 17)
  }
}

extension ONNXWriter {
  /// The operators of an activation; GELU asks for operator set 20.
  fileprivate mutating func activation(
    _ activation: Activation, of value: String, _ index: Int
  ) -> String {
    switch activation {
    case .identity: return value
    case .relu: return node("Relu", [value])
    case .tanh: return node("Tanh", [value])
    case .sigmoid: return node("Sigmoid", [value])
    case .leakyRelu(let slope): return node("LeakyRelu", [value], [("alpha", .float(slope))])
    case .relu6:
      let bounds = [
        floats("lowest\(index)", shape: [], [0]), floats("highest\(index)", shape: [], [6]),
      ]
      return node("Clip", [value] + bounds)
    case .gelu: return node("Gelu", [value])
    case .geluTanh: return node("Gelu", [value], [("approximate", .text("tanh"))])
    case .silu: return node("Mul", [value, node("Sigmoid", [value])])
    case .hardSwish: return node("HardSwish", [value])
    }
  }
}
