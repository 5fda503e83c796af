// SPDX-License-Identifier: Apache-2.0
public import NNQFormat

/// What training makes small.
public enum LossFunction: String, CaseIterable, Sendable {
  /// The mean squared error.
  case mse
  /// The mean absolute error.
  case mae
  /// Half the squared error up to 1 standard deviation of the target, from there on the absolute
  /// error less a half: outliers pull less.
  case huber
  /// The cross-entropy of a sigmoid, computed from its logit; one a label for multilabel.
  case bce
  /// The cross-entropy of the softmax, computed from the logits.
  case crossEntropy = "cross-entropy"
  /// The negative logarithm of the likelihood, from logarithms of probabilities.
  case nll

  /// What is done to the last layer's sums before the loss takes them.
  public enum OutputLayer: String, CaseIterable, Sendable {
    /// Nothing: values or logits.
    case identity
    case sigmoid
    case softmax
    /// The logarithm of the softmax.
    case logSoftmax = "log-softmax"
  }

  /// A loss and the output layer that it takes.
  public struct Pair: Equatable, Sendable {
    public let loss: LossFunction
    public let output: OutputLayer

    init(_ loss: LossFunction, _ output: OutputLayer) {
      self.loss = loss
      self.output = output
    }
  }

  /// The pairs that fit a task, the usual one first.
  public static func pairs(for task: ModelTask.Kind) -> [Pair] {
    switch task {
    case .regression, .anomaly:
      [Pair(.mse, .identity), Pair(.mae, .identity), Pair(.huber, .identity)]
    case .binary, .multilabel: [Pair(.bce, .identity)]
    case .multiclass: [Pair(.crossEntropy, .identity), Pair(.nll, .logSoftmax)]
    }
  }

  /// The pair that was asked for, nil standing for what fits.
  ///
  /// - Throws: ``TrainingError/mismatch(task:loss:output:right:)``.
  static func choose(
    _ loss: LossFunction?, _ output: OutputLayer?, for task: ModelTask.Kind
  ) throws(TrainingError) -> Pair {
    let right = pairs(for: task)
    let found = right.first {
      (loss == nil || loss == $0.loss) && (output == nil || output == $0.output)
    }
    guard let found else {
      throw .mismatch(task: task, loss: loss, output: output, right: right)
    }
    return found
  }
}
