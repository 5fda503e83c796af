// SPDX-License-Identifier: Apache-2.0
import NNQFormat

/// Builds a perceptron from the operators of a foreign graph, one after the other.
///
/// Additions and multiplications by constants become the features' offset and scale in front of the
/// first layer, part of the weights between layers, and stay apart behind the last, where they may
/// become the targets' scaling. They are kept in binary64 until they meet weights, which are rounded
/// once; weights that meet none are taken over bit for bit.
struct LayerFolding {
  enum Arithmetic { case add, subtract, multiply, divide }

  /// `x * factor + shift` for each value.
  struct Pending {
    var factors: [Double]
    var shifts: [Double]

    init(count: Int) {
      factors = Array(repeating: 1, count: count)
      shifts = Array(repeating: 0, count: count)
    }

    var isIdentity: Bool {
      factors.allSatisfy { $0 == 1 } && shifts.allSatisfy { $0 == 0 }
    }

    /// One step of arithmetic with a constant, which stands for all values where it is one number.
    mutating func apply(
      _ arithmetic: Arithmetic, _ constant: [Double], _ node: InteropError.Node
    ) throws(InteropError) {
      try LayerFolding.checkConstant(arithmetic, constant, node)
      guard constant.count == 1 || constant.count == factors.count else {
        throw .unsupportedUse(
          node, .shape(found: [constant.count], expected: [factors.count]))
      }
      for index in factors.indices {
        let value = constant[constant.count == 1 ? 0 : index]
        switch arithmetic {
        case .add: shifts[index] += value
        case .subtract: shifts[index] -= value
        case .multiply:
          factors[index] *= value
          shifts[index] *= value
        case .divide:
          factors[index] /= value
          shifts[index] /= value
        }
      }
    }
  }

  private(set) var layers: [FloatModel.Layer] = []
  private var features = FeatureScaling()
  /// What is done to the outputs of the last layer and is not yet part of any weights.
  private(set) var pending = Pending(count: 0)
  /// The last layer came without a bias, so that what is added next is its bias.
  private var awaitsBias = false
  private var weightCount = 0

  /// The number of values that are handed on; nil before the first layer.
  var width: Int? { layers.last?.outputs }

  /// Refuses constants that are not finite, or 0 where they scale.
  static func checkConstant(
    _ arithmetic: Arithmetic, _ constant: [Double], _ node: InteropError.Node
  ) throws(InteropError) {
    guard !constant.isEmpty else { throw .unsupportedUse(node, .shape(found: [0], expected: [1])) }
    for value in constant {
      let isAddition = arithmetic == .add || arithmetic == .subtract
      guard value.isFinite, isAddition || value != 0 else {
        throw .unsupportedUse(node, .constant(found: value))
      }
    }
  }

  // MARK: - Operators

  /// A dense layer.
  ///
  /// - Parameters:
  ///   - weights: `[outputs][inputs]`.
  ///   - bias: `[outputs]`; nil where an addition may follow.
  mutating func dense(
    _ weights: [Float], inputs: Int, outputs: Int, bias: [Float]?, _ node: InteropError.Node
  ) throws(InteropError) {
    guard inputs > 0, outputs > 0, width ?? inputs == inputs,
      bias.map({ $0.count == outputs }) ?? true
    else {
      throw .unsupportedUse(
        node, .shape(found: [outputs, inputs], expected: [outputs, width ?? inputs]))
    }
    weightCount += weights.count
    guard layers.count < FormatLimit.layers else {
      throw .tooLarge("layers", found: layers.count + 1, limit: FormatLimit.layers)
    }
    guard max(inputs, outputs) <= FormatLimit.width else {
      throw .tooLarge("values", found: max(inputs, outputs), limit: FormatLimit.width)
    }
    guard weightCount <= FormatLimit.section / 4 else {
      throw .tooLarge("weights", found: weightCount, limit: FormatLimit.section / 4)
    }
    var layer = FloatModel.Layer(
      inputs: inputs, outputs: outputs, weights: weights,
      bias: bias ?? Array(repeating: 0, count: outputs), activation: .identity)
    if layers.isEmpty {
      try features.spread(over: inputs, node)
      turnNegativeFeatures(&layer)
    } else if layers[layers.count - 1].activation == .identity {
      foldIntoLastLayer()
    } else {
      fold(pending, into: &layer)
    }
    layers.append(layer)
    pending = Pending(count: outputs)
    awaitsBias = bias == nil
  }

  /// A layer norm; `gamma` and `beta` are `[values]`.
  mutating func layerNorm(
    gamma: [Float], beta: [Float], epsilon: Float, _ node: InteropError.Node
  ) throws(InteropError) {
    let count = gamma.count
    guard count >= 2, count <= FormatLimit.width, beta.count == count, width ?? count == count
    else {
      throw .unsupportedUse(node, .shape(found: [count, beta.count], expected: [width ?? count]))
    }
    guard epsilon.isFinite, epsilon > 0 else {
      throw .unsupportedUse(node, .attribute("epsilon", found: "\(epsilon)"))
    }
    guard layers.count < FormatLimit.layers else {
      throw .tooLarge("layers", found: layers.count + 1, limit: FormatLimit.layers)
    }
    if layers.isEmpty {
      try features.spread(over: count, node)
      guard features.scales.allSatisfy({ $0 > 0 }) else {
        throw .unsupportedUse(node, .beforeFirstLayer)
      }
    } else if layers[layers.count - 1].activation == .identity {
      foldIntoLastLayer()
    }
    // What is done to an activation's values would change their mean and variance.
    guard pending.isIdentity else { throw .unsupportedUse(node, .afterActivation) }
    layers.append(
      FloatModel.Layer(
        inputs: count, outputs: count,
        operation: .layerNorm(gamma: gamma, beta: beta, epsilon: epsilon), activation: .identity))
    pending = Pending(count: count)
    awaitsBias = false
  }

  mutating func activation(
    _ activation: Activation, _ node: InteropError.Node
  ) throws(InteropError) {
    guard let last = layers.last else { throw .unsupportedUse(node, .beforeFirstLayer) }
    guard last.activation == .identity else { throw .unsupportedUse(node, .afterActivation) }
    foldIntoLastLayer()
    layers[layers.count - 1].activation = activation
    awaitsBias = false
  }

  /// One step of arithmetic with a constant, which stands for all values where it is one number.
  mutating func apply(
    _ arithmetic: Arithmetic, _ constant: [Double], _ node: InteropError.Node
  ) throws(InteropError) {
    guard let width else { return try features.apply(arithmetic, constant, node) }
    if awaitsBias, arithmetic == .add, constant.count == 1 || constant.count == width {
      try LayerFolding.checkConstant(arithmetic, constant, node)
      layers[layers.count - 1].bias = (0..<width).map {
        Float(constant[constant.count == 1 ? 0 : $0])
      }
    } else {
      try pending.apply(arithmetic, constant, node)
    }
    awaitsBias = false
  }

  /// Makes what is pending part of the last layer's weights.
  mutating func foldIntoLastLayer() {
    guard !pending.isIdentity, let layer = layers.last else { return }
    if case .layerNorm(let gamma, let beta, let epsilon) = layer.operation {
      layers[layers.count - 1].operation = .layerNorm(
        gamma: zip(gamma, pending.factors).map { Float(Double($0) * $1) },
        beta: beta.indices.map {
          Float(Double(beta[$0]) * pending.factors[$0] + pending.shifts[$0])
        }, epsilon: epsilon)
      pending = Pending(count: layer.outputs)
      return
    }
    var weights = layer.weights
    var bias = layer.bias
    for row in 0..<layer.outputs {
      let (factor, shift) = (pending.factors[row], pending.shifts[row])
      for index in row * layer.inputs..<(row + 1) * layer.inputs where factor != 1 {
        weights[index] = Float(Double(weights[index]) * factor)
      }
      bias[row] = Float(Double(bias[row]) * factor + shift)
    }
    layers[layers.count - 1].operation = .dense(weights: weights, bias: bias)
    pending = Pending(count: layer.outputs)
  }

  /// Leaves out the activation of the last layer.
  mutating func dropLastActivation() {
    if !layers.isEmpty { layers[layers.count - 1].activation = .identity }
  }

  /// The offset and scale of each feature, once there is a layer.
  var featureScaling: [(offset: Double, scale: Double)] {
    zip(features.offsets, features.scales).map { (offset: $0.0, scale: abs($0.1)) }
  }

  // MARK: -

  /// A feature's scale is above 0, so that a minus sign goes into the weights.
  private func turnNegativeFeatures(_ layer: inout FloatModel.Layer) {
    var weights = layer.weights
    for (column, scale) in features.scales.enumerated() where scale < 0 {
      for row in 0..<layer.outputs { weights[row * layer.inputs + column].negate() }
    }
    layer.weights = weights
  }

  private func fold(_ pending: Pending, into layer: inout FloatModel.Layer) {
    guard !pending.isIdentity else { return }
    var weights = layer.weights
    var biases = layer.bias
    for row in 0..<layer.outputs {
      var bias = Double(biases[row])
      for column in 0..<layer.inputs {
        let index = row * layer.inputs + column
        let weight = Double(weights[index])
        bias += weight * pending.shifts[column]
        weights[index] = Float(weight * pending.factors[column])
      }
      biases[row] = Float(bias)
    }
    layer.operation = .dense(weights: weights, bias: biases)
  }
}
