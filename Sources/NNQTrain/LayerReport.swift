// SPDX-License-Identifier: Apache-2.0
public import NNQFormat
internal import NNQLinalg

/// How one layer stood at the end of a pass, over the rows of the pass's last batch.
public struct LayerReport: Equatable, Sendable {
  /// `dense`, `batch-norm`, `layer-norm`, `gate` or `add`.
  public var operation: String
  public var outputs: Int
  public var activation: Activation
  /// Of all values that the layer hands on.
  public var mean: Double
  public var deviation: Double
  /// The share of the outputs of a relu that are 0 for every row.
  public var deadUnits: Double
  /// The share of the values of a tanh or a sigmoid within a hundredth of the function's bounds.
  public var saturated: Double
  /// The root of the sum of squares of the gradient of the layer's parameters, after clipping.
  public var gradientNorm: Double
  public var parameterNorm: Double
  /// The length of the last step over the length of the parameters before it; nil without
  /// parameters.
  public var updateRatio: Double?

  /// The reports of all layers that hand on values of their own.
  static func all(_ step: borrowing GradientStep<Float>, before: Vector<Float>) -> [LayerReport] {
    let network = step.network
    return network.layers.indices.compactMap { index in
      let layer = network.layers[index]
      guard let name = layer.operation.reportName else { return nil }
      let values = step.room.values[index + 1].values.elements
      var report = LayerReport(
        operation: name, outputs: layer.outputs, activation: layer.activation, values: values)
      let places = layer.parameters
      guard !places.isEmpty else { return report }
      report.gradientNorm = step.gradient[places].sumOfSquares.squareRoot()
      report.parameterNorm = network.parameters[places].sumOfSquares.squareRoot()
      let moved = Vector<Float>(zeros: places.count)
      moved.copy(network.parameters[places])
      moved.accumulate(before[places], times: -1)
      let length = before[places].sumOfSquares.squareRoot()
      report.updateRatio = length > 0 ? moved.sumOfSquares.squareRoot() / length : nil
      return report
    }
  }

  /// Measures a layer's values `[rows][outputs]`.
  init(operation: String, outputs: Int, activation: Activation, values: [Float]) {
    self.operation = operation
    self.outputs = outputs
    self.activation = activation
    var sum = 0.0
    var squares = 0.0
    var bounded = 0
    var isAlive = Array(repeating: false, count: outputs)
    let range: ClosedRange<Float> = activation == .sigmoid ? 0.01...0.99 : -0.99...0.99
    var column = 0
    for value in values {
      sum += Double(value)
      squares += Double(value) * Double(value)
      if value != 0 { isAlive[column] = true }
      if !range.contains(value) { bounded += 1 }
      column = column + 1 == outputs ? 0 : column + 1
    }
    let count = Double(max(values.count, 1))
    mean = sum / count
    deviation = max(squares / count - mean * mean, 0).squareRoot()
    deadUnits =
      activation == .relu || activation == .relu6
      ? Double(isAlive.count { !$0 }) / Double(outputs) : 0
    saturated = activation == .tanh || activation == .sigmoid ? Double(bounded) / count : 0
    gradientNorm = 0
    parameterNorm = 0
  }
}

extension LayerPlan.Operation {
  /// The name in reports; nil where the values are another layer's.
  fileprivate var reportName: String? {
    switch self {
    case .dense: "dense"
    case .batchNorm: "batch-norm"
    case .layerNorm: "layer-norm"
    case .gate: "gate"
    case .add: "add"
    case .dropout, .logSoftmax, .temperature: nil
    }
  }
}
