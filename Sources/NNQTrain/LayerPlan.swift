// SPDX-License-Identifier: Apache-2.0
internal import NNQFormat
internal import NNQLinalg

/// One operation of a network under training: what it computes and where its numbers are.
///
/// Layer i takes tensor i and gives tensor i + 1; tensor 0 is the network's input.
struct LayerPlan: Equatable, Sendable {
  enum Operation: Equatable, Sendable {
    /// `x * weightsᵀ + bias`
    case dense
    /// The columns of the batch brought to mean 0 and variance 1, times gamma, plus beta. In use the
    /// running statistics stand for those of the batch.
    case batchNorm
    /// The same within each row.
    case layerNorm
    /// The activation of the first half of the columns, times the second half.
    case gate
    /// `x + source`
    case add(source: Int)
    /// A share of the elements is 0 and the others grow, in training alone.
    case dropout(rate: Double)
    case logSoftmax
    /// `x / temperature`
    case temperature(Double)
  }

  var operation: Operation
  var inputs: Int
  var outputs: Int
  /// Applied to what the operation gives; for a gate to the first half of what it takes.
  var activation = Activation.identity
  /// In the network's parameters: weights `[outputs][inputs]` then bias, or gamma then beta.
  var parameters = 0..<0
  /// In the network's statistics: running mean then variance.
  var statistics = 0..<0

  /// How many of the parameters are weights, which decay; they come first.
  var weightCount: Int { operation == .dense ? inputs * outputs : 0 }

  /// The activation for the loops.
  var function: LayerFunction {
    var slope = 0.0
    if case .leakyRelu(let given) = activation { slope = Double(given) }
    return LayerFunction(code: activation.kind.rawValue, slope: slope)
  }

  /// Whether the backward pass needs what goes into the activation.
  var keepsArguments: Bool { operation != .gate && function.needsArgument }
}
