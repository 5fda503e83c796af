// SPDX-License-Identifier: Apache-2.0

extension FloatModel {
  /// A layer `inputs -> outputs`.
  public struct Layer: Equatable, Sendable {
    /// What a layer computes before its activation.
    public enum Operation: Equatable, Sendable {
      /// `weights * x + bias`; the weights are `[outputs][inputs]`, row by row, the bias `[outputs]`.
      case dense(weights: [Float], bias: [Float])
      /// `gamma * (x - mean) / sqrt(variance + epsilon) + beta`, each `[outputs]`; the variance is
      /// the mean of squares, and epsilon is above 0.
      case layerNorm(gamma: [Float], beta: [Float], epsilon: Float)
      /// `x + source`: tensor 0 is the network's input, tensor k what layer k - 1 hands on.
      case add(source: Int)
      /// The activation of the first half of x, times the second half.
      case gate

      public var kind: OperationKind {
        switch self {
        case .dense: .dense
        case .layerNorm: .layerNorm
        case .add: .add
        case .gate: .gate
        }
      }
    }

    public var inputs: Int
    public var outputs: Int
    /// All of its numbers are finite.
    public var operation: Operation
    public var activation: Activation

    public init(inputs: Int, outputs: Int, operation: Operation, activation: Activation) {
      switch operation {
      case .dense(let weights, let bias):
        precondition(weights.count == inputs * outputs && bias.count == outputs)
      case .layerNorm(let gamma, let beta, _):
        precondition(inputs == outputs && gamma.count == outputs && beta.count == outputs)
      case .add: precondition(inputs == outputs)
      case .gate: precondition(inputs == 2 * outputs)
      }
      self.inputs = inputs
      self.outputs = outputs
      self.operation = operation
      self.activation = activation
    }

    /// A dense layer.
    public init(
      inputs: Int, outputs: Int, weights: [Float], bias: [Float], activation: Activation
    ) {
      self.init(
        inputs: inputs, outputs: outputs, operation: .dense(weights: weights, bias: bias),
        activation: activation)
    }

    /// `[outputs][inputs]` of a dense layer; empty for another, which cannot be given any.
    public var weights: [Float] {
      get {
        if case .dense(let weights, _) = operation { weights } else { [] }
      }
      set {
        if case .dense(_, let bias) = operation {
          operation = .dense(weights: newValue, bias: bias)
        }
      }
    }

    /// `[outputs]` of a dense layer; empty for another, which cannot be given any.
    public var bias: [Float] {
      get {
        if case .dense(_, let bias) = operation { bias } else { [] }
      }
      set {
        if case .dense(let weights, _) = operation {
          operation = .dense(weights: weights, bias: newValue)
        }
      }
    }
  }
}
