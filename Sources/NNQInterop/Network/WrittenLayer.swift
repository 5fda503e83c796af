// SPDX-License-Identifier: Apache-2.0
import NNQFormat

/// A layer of an int8 model in the scales of binary32 that other formats have.
struct WrittenLayer {
  let layer: FlatImage.Layer
  let dense: FlatImage.Layer.Dense
  /// The codes that it takes in.
  let taken: CodeStep
  /// The codes of its sums, in front of a table.
  let sums: CodeStep
  /// The codes that it hands on.
  let made: CodeStep
  /// `[outputs]`, or one for all.
  let scales: [Float]
  /// `[outputs]`, the zero point of the input not folded in.
  let bias: [Int32]
  /// Rows whose factor these scales do not give exactly, and all rows behind codes on another scale.
  let roundedRows: Int
}

extension Int8Model {
  /// The codes of all inputs in standardized units; nil where they differ or binary32 has no such
  /// scale.
  var commonInput: CodeStep? {
    let steps = zip(input, features).map { rule, feature in
      CodeStep(
        scale: Float(1 / (rule.inverseScale * feature.scale)), zeroPoint: Int(rule.zeroPoint),
        width: image.inputWidth)
    }
    guard let first = steps.first, first.scale.isNormal, steps.allSatisfy({ $0 == first }) else {
      return nil
    }
    return first
  }

  /// The layers in scales of binary32.
  ///
  /// - Parameters:
  ///   - input: the codes of the input.
  ///   - fixed: the codes that the other format demands behind a table; nil leaves the model's.
  /// - Throws: ``InteropError/cannotWrite(layer:bits:hasTable:)`` for a table of an unknown function,
  ///   ``InteropError/cannotWriteOperation(layer:name:)``.
  func writtenLayers(
    input: CodeStep, fixed: (Activation.Kind) -> CodeStep?
  ) throws(InteropError) -> [WrittenLayer] {
    var written: [WrittenLayer] = []
    var taken = input
    // The scale that the model's own codes have where the other format's differ.
    var own = Double(input.scale)
    for (index, (layer, tensor)) in zip(image.layers, tensors).enumerated() {
      guard let dense = layer.dense else {
        throw .cannotWriteOperation(layer: index, name: layer.operation.kind.name)
      }
      let handedOn = CodeStep(
        scale: Float(tensor.scale), zeroPoint: Int(tensor.zeroPoint), width: layer.outputWidth)
      guard handedOn.scale.isNormal else {
        throw .wrongTensor("scale of layer \(index)", shape: [layer.outputs])
      }
      var (sums, made) = (handedOn, handedOn)
      let isMoved = own != Double(taken.scale)
      if let table = layer.table {
        guard
          let found = SumScale.step(
            layer, dense, table, taken: isMoved ? nil : taken.scale, made: handedOn)
        else { throw .cannotWrite(layer: index, bits: Int(table.width.rawValue), hasTable: true) }
        sums = found
        made = fixed(layer.activation) ?? handedOn
      }
      let ratio = own / Double(taken.scale)
      let (scales, exact) = scales(dense.factors, taken, sums, ratio)
      let bias = (0..<layer.outputs).map { row in
        let weights = dense.weights[row * layer.inputs..<(row + 1) * layer.inputs]
        let sum = weights.reduce(0) { $0 + Int($1) }
        // What the layer folded into its bias is the other format's own to fold.
        let zeroPoint = index == 0 ? input.zeroPoint : Int(tensors[index - 1].zeroPoint)
        let real = Double(Int(dense.bias[row]) + zeroPoint * sum) * ratio
        return Int32(min(max(real.rounded(), -0x1p31), 0x1p31 - 1))
      }
      written.append(
        WrittenLayer(
          layer: layer, dense: dense, taken: taken, sums: sums, made: made, scales: scales,
          bias: bias,
          roundedRows: isMoved ? layer.outputs : layer.outputs - exact))
      taken = made
      own = tensor.scale
    }
    return written
  }

  /// The scales of the weights, and how many rows they hold exactly.
  ///
  /// - Parameter ratio: the model's own input scale in units of the one that is written.
  private func scales(
    _ factors: [FixedPointMultiplier], _ taken: CodeStep, _ sums: CodeStep, _ ratio: Double
  ) -> ([Float], exact: Int) {
    if ratio != 1 {
      let scales = factors.map {
        Float($0.real / ratio * Double(sums.scale) / Double(taken.scale))
      }
      return (scales, 0)
    }
    if factors.count > 1, let first = factors.first,
      factors.allSatisfy({ $0 == first })
    {
      let (scale, isExact) = LayerFactor.weightScale(first, taken.scale, sums.scale, rows: 1)
      if isExact { return ([scale], factors.count) }
    }
    let rows = factors.map {
      LayerFactor.weightScale($0, taken.scale, sums.scale, rows: factors.count)
    }
    return (rows.map(\.scale), rows.count { $0.isExact })
  }
}
