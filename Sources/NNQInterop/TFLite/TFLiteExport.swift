// SPDX-License-Identifier: Apache-2.0
public import NNQFormat

extension FloatModel {
  /// A TFLite file of the whole model: readings in their units in, probabilities or values out.
  ///
  /// - Shape: input `[1, features]`, output `[1, outputs]`, both binary32.
  /// - Rounding: TFLite has no binary64 arithmetic, so the scaling is rounded to binary32; weights
  ///   and biases are the same bits.
  /// - Throws: ``InteropError/cannotWriteOperation(layer:name:)``.
  public func tflite() throws(InteropError) -> [UInt8] {
    var writer = TFLiteWriter()
    let input = writer.tensor("x", .float, shape: [1, inputs])
    var value = input
    if features.contains(where: { $0.offset != 0 || $0.scale != 1 }) {
      let offset = writer.floats("offset", shape: [1, inputs], features.map { Float($0.offset) })
      let scale = writer.floats("scale", shape: [1, inputs], features.map { Float($0.scale) })
      value = writer.step(.subtract, [value, offset], "centred", inputs, .arithmetic(28))
      value = writer.step(.divide, [value, scale], "standardized", inputs, .arithmetic(29))
    }
    for (index, layer) in layers.enumerated() {
      guard layer.operation.kind == .dense else { throw layer.cannotBeWritten(index) }
      let weights = writer.floats("w\(index)", shape: [layer.outputs, layer.inputs], layer.weights)
      let bias = writer.floats("b\(index)", shape: [layer.outputs], layer.bias)
      let name = "dense\(index)"
      value = writer.step(
        .fullyConnected, [value, weights, bias], name, layer.outputs,
        .fullyConnected(layer.activation.fused))
      switch layer.activation {
      case .identity, .relu, .relu6: break
      case .tanh: value = writer.step(.tanh, [value], "\(name)_tanh", layer.outputs)
      case .sigmoid: value = writer.step(.logistic, [value], "\(name)_sigmoid", layer.outputs)
      case .leakyRelu(let slope):
        value = writer.step(
          .leakyRelu, [value], "\(name)_leaky_relu", layer.outputs, .leakyRelu(slope: slope))
      case .gelu, .geluTanh:
        value = writer.step(
          .gelu, [value], "\(name)_gelu", layer.outputs,
          .gelu(isTanh: layer.activation == .geluTanh))
      case .hardSwish:
        value = writer.step(.hardSwish, [value], "\(name)_hard_swish", layer.outputs, .hardSwish)
      case .silu: throw layer.cannotBeWritten(index)
      }
    }
    switch task.kind {
    case .binary, .multilabel:
      value = writer.step(.logistic, [value], "probabilities", outputs)
    case .multiclass:
      value = writer.step(.softmax, [value], "probabilities", outputs, .softmax)
    case .regression where task.targetScaling.contains { $0.offset != 0 || $0.scale != 1 }:
      let scales = task.targetScaling.map { Float($0.scale) }
      let offsets = task.targetScaling.map { Float($0.offset) }
      let scale = writer.floats("target_scale", shape: [1, outputs], scales)
      let offset = writer.floats("target_offset", shape: [1, outputs], offsets)
      value = writer.step(.multiply, [value, scale], "scaled", outputs, .arithmetic(21))
      value = writer.step(.add, [value, offset], "values", outputs, .arithmetic(11))
    case .regression, .anomaly: break
    }
    return writer.file(input: input, output: value)
  }
}

extension TFLiteWriter {
  /// An operator whose output is a row of binary32.
  fileprivate mutating func step(
    _ operation: TFLiteOperator, _ inputs: [Int], _ name: String, _ count: Int,
    _ options: Options = .none
  ) -> Int {
    let output = tensor(name, .float, shape: [1, count])
    node(operation, inputs, output: output, options)
    return output
  }
}

extension Activation {
  /// What a layer has built in; none where an operator of its own follows.
  fileprivate var fused: TFLiteActivation {
    switch self {
    case .relu: .relu
    case .relu6: .relu6
    default: .none
    }
  }
}
