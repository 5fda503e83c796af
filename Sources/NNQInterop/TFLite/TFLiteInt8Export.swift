// SPDX-License-Identifier: Apache-2.0
public import NNQFormat

extension Int8Model {
  /// The network as TFLite: codes in, codes out, as the layers compute them.
  ///
  /// The input is what nnq's codes stand for in standardized units where all features share one
  /// scale, else the codes themselves (scale 1). Behind tanh and sigmoid TFLite demands its own
  /// scale, so that the codes there are others than nnq's and the next layer's factors are adapted.
  /// - Throws: ``InteropError/cannotWrite(layer:bits:hasTable:)``,
  ///   ``InteropError/cannotWriteOperation(layer:name:)``.
  public func tflite() throws(InteropError) -> Int8File {
    guard image.inputWidth == .eight else {
      throw .cannotWrite(layer: 0, bits: 16, hasTable: false)
    }
    for (index, layer) in image.layers.enumerated() where layer.outputWidth != .eight {
      throw .cannotWrite(layer: index, bits: 16, hasTable: false)
    }
    for (index, layer) in image.layers.enumerated() where layer.table?.width == .sixteen {
      throw .cannotWrite(layer: index, bits: 16, hasTable: true)
    }
    let taken = commonInput ?? CodeStep(scale: 1, zeroPoint: 0)
    let layers = try writtenLayers(input: taken) { activation in
      switch activation {
      case .tanh: CodeStep(scale: 1 / 128, zeroPoint: 0)
      case .sigmoid: CodeStep(scale: 1 / 256, zeroPoint: -128)
      default: nil
      }
    }
    var writer = TFLiteWriter()
    func codes(_ name: String, _ count: Int, _ step: CodeStep) -> Int {
      writer.tensor(
        name, .int8, shape: [1, count], scales: [step.scale], zeroPoint: step.zeroPoint)
    }
    let input = codes("x", image.inputs, taken)
    var value = input
    for (index, written) in layers.enumerated() {
      let layer = written.layer
      let weights = writer.tensor(
        "w\(index)", .int8, shape: [layer.outputs, layer.inputs],
        content: written.dense.weights.map { UInt8(bitPattern: $0) }, scales: written.scales)
      let bias = writer.tensor(
        "b\(index)", .int32, shape: [layer.outputs], content: littleEndianBytes(written.bias),
        scales: written.scales.map { written.taken.scale * $0 })
      let sums = codes("dense\(index)", layer.outputs, written.sums)
      writer.node(
        .fullyConnected, [value, weights, bias], output: sums, version: 4,
        .fullyConnected(try fused(written, index)))
      value = sums
      if layer.table != nil {
        value = codes("\(layer.activation.name)\(index)", layer.outputs, written.made)
        writer.node(
          layer.activation == .tanh ? .tanh : .logistic, [sums], output: value, version: 2)
      }
    }
    return Int8File(
      bytes: writer.file(input: input, output: value),
      roundedRows: layers.reduce(0) { $0 + $1.roundedRows })
  }

  /// The built-in activation that leaves the codes that the layer leaves.
  private func fused(
    _ written: WrittenLayer, _ index: Int
  ) throws(InteropError) -> TFLiteActivation {
    let (layer, step) = (written.layer, written.sums)
    let all = step.width.range
    let (lowest, highest) = (Int(layer.lowest), Int(layer.highest))
    if lowest == step.zeroPoint, highest == step.code(6), highest < all.upperBound { return .relu6 }
    guard highest == all.upperBound, lowest == all.lowerBound || lowest == step.zeroPoint else {
      throw .cannotWrite(layer: index, bits: 8, hasTable: false)
    }
    return layer.activation == .relu || lowest > all.lowerBound ? .relu : .none
  }
}
