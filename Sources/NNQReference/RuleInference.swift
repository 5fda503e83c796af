// SPDX-License-Identifier: Apache-2.0
public import NNQFormat

/// Runs the integers of a flat image under another rule for the sums of its dense layers.
///
/// Tables and clamps stay what they are; an operation other than a dense layer keeps nnq's rule.
public struct RuleInference: Sendable {
  public let rule: RoundingRule
  private let layers: [FlatImage.Layer]
  /// `[layers][outputs]`; empty but for dense layers under `litert-float`.
  private let scales: [[Float]]

  /// - Parameter steps: the scale of the codes of the input (nil where features differ) and that of
  ///   each layer; empty where it is not known. Only `litert-float` asks for them.
  public init(_ image: FlatImage, _ rule: RoundingRule, steps: [Double?] = []) {
    self.rule = rule
    layers = image.layers
    scales = image.layers.enumerated().map { index, layer in
      guard rule == .litertFloat, let dense = layer.dense else { return [] }
      let taken = index < steps.count ? steps[index] : nil
      // Behind a table the scale is that of the table's codes, not of the requantized ones.
      let made = index + 1 < steps.count && layer.table == nil ? steps[index + 1] : nil
      return dense.factors.map { LiteRTFloat.scale($0, taken: taken, made: made) }
    }
  }

  /// The integers of a model, with the scales that it states.
  public init(_ model: Int8Model, _ rule: RoundingRule) {
    let inputs = zip(model.input, model.features).map { Float(1 / ($0.inverseScale * $1.scale)) }
    let isCommon = inputs.allSatisfy { $0 == inputs.first }
    self.init(
      model.image, rule,
      steps: [isCommon ? inputs.first.map { Double($0) } : nil] + model.tensors.map(\.scale))
  }

  /// The codes that each layer hands on, for one row of input codes.
  ///
  /// - Shape: `input` is `[inputs]`.
  public func layerOutputs(_ input: [Int16]) -> [[Int16]] {
    var tensors = [input]
    for (index, layer) in layers.enumerated() {
      if rule != .nnq, let dense = layer.dense {
        tensors.append(run(layer, dense, scales[index], tensors[index]))
      } else {
        tensors.append(layer.run(tensors[index], tensors: tensors))
      }
    }
    return Array(tensors.dropFirst())
  }

  private func run(
    _ layer: FlatImage.Layer, _ dense: FlatImage.Layer.Dense, _ scales: [Float], _ x: [Int16]
  ) -> [Int16] {
    precondition(x.count == layer.inputs)
    let (zeroPoint, range) = (
      Int64(layer.zeroPoint), Int64(layer.lowest)...Int64(layer.highest)
    )
    return (0..<layer.outputs).map { row in
      var sum = dense.bias[row]
      for (weight, code) in zip(dense.weights[row * layer.inputs..<(row + 1) * layer.inputs], x) {
        // The bound of the row, proven when the image was read, keeps every partial sum in 32 bits.
        sum += Int32(weight) * Int32(code)
      }
      let code: Int64 =
        switch rule {
        case .nnq: zeroPoint + requantize(Int64(sum), dense.factors[row])
        case .tfliteDouble:
          zeroPoint + Int64(TFLiteDouble.requantize(sum, dense.factors[row]))
        case .litertFloat: LiteRTFloat.code(sum, scales[row], zeroPoint: zeroPoint, range)
        }
      return layer.looked(Int16(min(max(code, range.lowerBound), range.upperBound)))
    }
  }
}
