// SPDX-License-Identifier: Apache-2.0
public import NNQFormat

/// A TFLite file of an int8 model, and how faithful its factors are.
public struct TFLiteInt8File: Sendable {
  public var bytes: [UInt8]
  /// Rows whose factor LiteRT forms otherwise in the last bits, because TFLite has scales of 24 bits:
  /// their codes can differ by 1 where a sum lies next to a rounding boundary.
  public var roundedRows: Int
}

extension Int8Model {
  /// The network as TFLite: codes in, codes out, as the layers compute them.
  ///
  /// The input is what nnq's codes stand for in standardized units where all features share one
  /// scale, else the codes themselves (scale 1).
  /// - Throws: ``InteropError/cannotWrite(layer:bits:hasTable:)``,
  ///   ``InteropError/cannotWriteOperation(layer:name:)``.
  public func tflite() throws(InteropError) -> TFLiteInt8File {
    guard image.inputWidth == .eight else {
      throw .cannotWrite(layer: 0, bits: 16, hasTable: false)
    }
    for (index, layer) in image.layers.enumerated()
    where layer.outputWidth != .eight || layer.table != nil {
      throw .cannotWrite(
        layer: index, bits: Int(layer.outputWidth.rawValue), hasTable: layer.table != nil)
    }
    var writer = TFLiteWriter()
    var taken = commonInput
    let input = writer.tensor(
      "x", .int8, shape: [1, image.inputs], scales: [taken.scale], zeroPoint: taken.zeroPoint)
    var value = input
    var roundedRows = 0
    for (index, (layer, tensor)) in zip(image.layers, tensors).enumerated() {
      guard let dense = layer.dense else {
        throw .cannotWriteOperation(layer: index, name: layer.operation.kind.name)
      }
      let made = CodeStep(
        scale: Float(tensor.scale), zeroPoint: Int(layer.zeroPoint))
      let scales = dense.factors.map {
        Float($0.real * Double(made.scale) / Double(taken.scale))
      }
      roundedRows += zip(dense.factors, scales).count { factor, scale in
        factor != LayerFactor.factor(taken.scale, scale, made.scale, rows: layer.outputs)
      }
      // What the layer folded into its bias is TFLite's own to fold.
      let bias = (0..<layer.outputs).map { row in
        let weights = dense.weights[row * layer.inputs..<(row + 1) * layer.inputs]
        return dense.bias[row] + Int32(taken.zeroPoint * weights.reduce(0) { $0 + Int($1) })
      }
      let weightTensor = writer.tensor(
        "w\(index)", .int8, shape: [layer.outputs, layer.inputs],
        content: dense.weights.map { UInt8(bitPattern: $0) }, scales: scales)
      let biasTensor = writer.tensor(
        "b\(index)", .int32, shape: [layer.outputs], content: littleEndianBytes(bias),
        scales: scales.map { taken.scale * $0 })
      let output = writer.tensor(
        "dense\(index)", .int8, shape: [1, layer.outputs], scales: [made.scale],
        zeroPoint: made.zeroPoint)
      writer.node(
        .fullyConnected, [value, weightTensor, biasTensor], output: output, version: 4,
        .fullyConnected(layer.activation == .relu ? .relu : .none))
      value = output
      taken = made
    }
    return TFLiteInt8File(
      bytes: writer.file(input: input, output: value), roundedRows: roundedRows)
  }

  /// The scale and zero point of all input codes in standardized units; 1 and 0 where they differ.
  private var commonInput: CodeStep {
    let steps = zip(input, features).map { rule, feature in
      CodeStep(
        scale: Float(1 / (rule.inverseScale * feature.scale)), zeroPoint: Int(rule.zeroPoint))
    }
    guard let first = steps.first, steps.allSatisfy({ $0 == first }) else {
      return CodeStep(scale: 1, zeroPoint: 0)
    }
    return first
  }
}
