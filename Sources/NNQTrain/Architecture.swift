// SPDX-License-Identifier: Apache-2.0
internal import NNQFormat

/// The operations of a network in order and where their numbers are.
struct Architecture: Equatable, Sendable {
  /// Not empty; each takes what the one before hands on.
  private(set) var layers: [LayerPlan] = []
  private(set) var parameterCount = 0
  private(set) var statisticsCount = 0
  let inputs: Int

  var outputs: Int { layers.last?.outputs ?? inputs }

  /// Whether what a row gives depends on the other rows of its batch.
  var mixesRows: Bool { layers.contains { $0.operation == .batchNorm } }

  init(inputs: Int) { self.inputs = inputs }

  /// A chain of dense layers.
  ///
  /// - Parameters:
  ///   - widths: the inputs, then the outputs of each layer.
  ///   - activations: one a layer.
  init(widths: [Int], activations: [Activation]) {
    precondition(widths.count == activations.count + 1)
    self.init(inputs: widths[0])
    for (width, activation) in zip(widths.dropFirst(), activations) {
      append(.dense, outputs: width, activation: activation)
    }
  }

  /// Adds an operation at the end.
  ///
  /// - Parameter width: of a dense layer; the other operations determine theirs.
  mutating func append(
    _ operation: LayerPlan.Operation, outputs width: Int? = nil,
    activation: Activation = .identity
  ) {
    let inputs = outputs
    var plan = LayerPlan(
      operation: operation, inputs: inputs, outputs: width ?? inputs, activation: activation)
    var count = 0
    switch operation {
    case .dense: count = (inputs + 1) * plan.outputs
    case .batchNorm:
      count = 2 * inputs
      plan.statistics = statisticsCount..<(statisticsCount + 2 * inputs)
      statisticsCount += 2 * inputs
    case .layerNorm: count = 2 * inputs
    case .gate:
      precondition(inputs % 2 == 0)
      plan.outputs = inputs / 2
    case .add(let source):
      precondition(source < layers.count && self.width(ofTensor: source) == inputs)
    case .dropout, .logSoftmax, .temperature: break
    }
    plan.parameters = parameterCount..<(parameterCount + count)
    parameterCount += count
    layers.append(plan)
  }

  /// The columns of tensor `index`: 0 is the network's input.
  func width(ofTensor index: Int) -> Int { index == 0 ? inputs : layers[index - 1].outputs }
}
