// SPDX-License-Identifier: Apache-2.0
public import NNQFormat

extension FloatModel {
  /// The model without what is constant on the calibration rows: the weights of a constant feature are
  /// 0 and a constant unit is gone, their part added to the biases that they feed.
  ///
  /// On the calibration rows the outputs stay the same but for rounding. Units are left out only
  /// between two dense layers, and one stays where all are constant.
  /// - Throws: ``QuantizationError``.
  public func pruned(
    calibration rows: CalibrationRows? = nil
  ) throws(QuantizationError) -> FloatModel {
    guard let rows = rows ?? calibration else { throw .noCalibrationRows }
    let pass = try CalibrationPass(self, rows)
    var model = self
    for (feature, value) in pass.constantFeatures() {
      guard case .dense = model.layers[0].operation else { break }
      model.layers[0].fold(input: feature, value)
    }
    for index in layers.indices.dropLast() {
      guard case .dense = layers[index].operation, case .dense = layers[index + 1].operation,
        !isSource(index + 1)
      else { continue }
      let constant = pass.constantUnits(ofLayer: index, layers[index].activation)
      guard !constant.isEmpty else { continue }
      for (unit, value) in constant { model.layers[index + 1].fold(input: unit, value) }
      var kept = (0..<layers[index].outputs).filter { unit in
        !constant.contains { $0.unit == unit }
      }
      if kept.isEmpty { kept = [0] }
      model.layers[index].keep(outputs: kept)
      model.layers[index + 1].keep(inputs: kept)
    }
    return model
  }
}

extension CalibrationPass {
  /// Features that never change, with their standardized value.
  func constantFeatures() -> [(feature: Int, value: Float)] {
    (inputs.first ?? []).indices.compactMap { feature in
      let value = inputs[0][feature]
      return inputs.allSatisfy { $0[feature] == value } ? (feature, value) : nil
    }
  }

  /// Units that hand on the same value for every row, or, where their function ends at 1, values that
  /// binary32 does not tell apart beside a 1.
  func constantUnits(
    ofLayer layer: Int, _ activation: Activation
  ) -> [(unit: Int, value: Float)] {
    let spread = [.tanh, .sigmoid].contains(activation) ? 0x1p-24 : 0
    let first = outputs[layer].first ?? []
    return zip(first, outputs[layer].columnRanges).enumerated().compactMap { unit, pair in
      let (value, range) = pair
      return range.upperBound - range.lowerBound <= spread ? (unit, value) : nil
    }
  }
}

extension FloatModel.Layer {
  /// Adds to the biases what a constant input brings, and takes its weights out.
  fileprivate mutating func fold(input: Int, _ value: Float) {
    var (weights, bias) = (weights, bias)
    for row in 0..<outputs {
      bias[row] += weights[row * inputs + input] * value
      weights[row * inputs + input] = 0
    }
    operation = .dense(weights: weights, bias: bias)
  }

  fileprivate mutating func keep(outputs kept: [Int]) {
    self = FloatModel.Layer(
      inputs: inputs, outputs: kept.count,
      weights: kept.flatMap { weights[$0 * inputs..<($0 + 1) * inputs] },
      bias: kept.map { bias[$0] }, activation: activation)
  }

  fileprivate mutating func keep(inputs kept: [Int]) {
    self = FloatModel.Layer(
      inputs: kept.count, outputs: outputs,
      weights: (0..<outputs).flatMap { row in kept.map { weights[row * inputs + $0] } },
      bias: bias, activation: activation)
  }
}
