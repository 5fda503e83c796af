// SPDX-License-Identifier: Apache-2.0
public import NNQFormat
import NNQMath

/// Cross-layer equalization: a hidden unit is divided by a factor, and the weights that take it in are
/// multiplied by it, so that the units of a layer share its scales more evenly.
///
/// A factor is `(r1 / r2)^e`, where r1 is the largest weight that makes the unit and r2 the largest that
/// takes it in. The exponent is 0.5 at most: there both reaches become equal, and beyond it they would
/// part again. The factor is rounded to a power of two, so that the float network computes the same bits
/// and a model's layers can be compared with those of its float model. It follows from the weights
/// alone, so that any calibration rows give the same factors.
///
/// - Source: Nagel et al. 2019, "Data-Free Quantization Through Weight Equalization and Bias Correction",
///   section 4.1, and Meller et al. 2019, "Same, Same But Different: Recovering Neural Network
///   Quantization Error Through Weight Factorization"; both take the exponent 0.5.
extension FloatModel {
  /// The same function with equalized units; as it is for ``QuantizationSettings/Equalization/auto``.
  package func equalized(_ equalization: QuantizationSettings.Equalization) -> FloatModel {
    var model = self
    for (index, factors) in unitFactors(equalization).enumerated() {
      guard let factors else { continue }
      model.layers[index].scale(outputsBy: factors.map { 1 / $0 })
      model.layers[index + 1].scale(inputsBy: factors)
    }
    return model
  }

  /// `[layers][outputs]`, the factor that a unit of the equalized model is smaller by; nil for a layer
  /// that stays as it is.
  ///
  /// Units are equalized between two dense layers whose activation is positively homogeneous, where no
  /// add takes them as well.
  public func unitFactors(
    _ equalization: QuantizationSettings.Equalization
  ) -> [[Float]?] {
    var found = [[Float]?](repeating: nil, count: layers.count)
    let exponent = equalization.exponent
    guard exponent > 0 else { return found }
    for index in layers.indices.dropLast() {
      let (layer, next) = (layers[index], layers[index + 1])
      guard layer.operation.kind == .dense, next.operation.kind == .dense,
        layer.activation.isPositivelyHomogeneous, !isSource(index + 1)
      else { continue }
      // The layer's inputs are equalized already.
      let before = index > 0 ? found[index - 1] : nil
      let made = before.map(layer.scaled(inputsBy:)) ?? layer
      let factors = (0..<layer.outputs).map { unit in
        made.factor(ofUnit: unit, into: next, exponent)
      }
      if factors.contains(where: { $0 != 1 }) { found[index] = factors }
    }
    return found
  }

  /// Whether an add takes the tensor.
  func isSource(_ tensor: Int) -> Bool {
    layers.contains { if case .add(tensor) = $0.operation { true } else { false } }
  }
}

extension Activation {
  /// Whether the function of a positive multiple is that multiple of the function.
  fileprivate var isPositivelyHomogeneous: Bool {
    switch self {
    case .identity, .relu, .leakyRelu: true
    case .relu6, .tanh, .sigmoid, .gelu, .geluTanh, .silu, .hardSwish: false
    }
  }
}

extension FloatModel.Layer {
  /// A power of two; 1 where a side has no weights or a number would leave what binary32 holds exactly.
  fileprivate func factor(
    ofUnit unit: Int, into next: FloatModel.Layer, _ exponent: Double
  ) -> Float {
    let row = weights[unit * inputs..<(unit + 1) * inputs]
    let column = (0..<next.outputs).map { next.weights[$0 * next.inputs + unit] }
    let reach = row.reduce(0) { max($0, abs($1)) }
    let taken = column.reduce(0) { max($0, abs($1)) }
    guard reach > 0, taken > 0 else { return 1 }
    let ratio = PortableMath.log(Double(reach) / Double(taken)) / PortableMath.log(2)
    let power = Int((ratio * exponent).rounded(.toNearestOrAwayFromZero))
    guard abs(power) <= 64 else { return 1 }
    let factor = Float(sign: .plus, exponent: power, significand: 1)
    let isExact =
      (Array(row) + [bias[unit]]).allSatisfy { $0.isExact(times: 1 / factor) }
      && column.allSatisfy { $0.isExact(times: factor) }
    return isExact ? factor : 1
  }

  fileprivate func scaled(inputsBy factors: [Float]) -> Self {
    var layer = self
    layer.scale(inputsBy: factors)
    return layer
  }

  fileprivate mutating func scale(inputsBy factors: [Float]) {
    var made = weights
    for place in made.indices { made[place] *= factors[place % inputs] }
    weights = made
  }

  fileprivate mutating func scale(outputsBy factors: [Float]) {
    var made = weights
    for place in made.indices { made[place] *= factors[place / inputs] }
    weights = made
    bias = zip(bias, factors).map { $0 * $1 }
  }
}

extension Float {
  fileprivate func isExact(times power: Float) -> Bool {
    let product = self * power
    return self == 0 || isNormal && product.isNormal
  }
}
