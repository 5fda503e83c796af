// SPDX-License-Identifier: Apache-2.0
public import NNQFormat
import NNQMath

/// What a float model says for one row.
public struct FloatPrediction: Equatable, Sendable {
  /// Binary, multiclass, anomaly: the index of the label.
  public var label: Int?
  /// Multilabel: one a target.
  public var flags: [Bool] = []
  /// Binary (of the positive class), multiclass, multilabel.
  public var probabilities: [Double] = []
  /// Regression: in the targets' units.
  public var values: [Double] = []
  /// Anomaly: the mean squared difference between the network's input and output.
  public var score: Double?
}

extension ModelTask {
  /// The decision for one row, from the network's input and the output of its last layer.
  public func prediction(input: [Float], output: [Float]) -> FloatPrediction {
    var prediction = FloatPrediction()
    switch kind {
    case .binary:
      prediction.probabilities = output.map { PortableMath.sigmoid(Double($0)) }
      prediction.label = prediction.probabilities[0] >= thresholds[0] ? 1 : 0
    case .multiclass:
      prediction.probabilities = softmax(output)
      var best = 0
      for index in output.indices where output[index] > output[best] { best = index }
      prediction.label = best
    case .multilabel:
      prediction.probabilities = output.map { PortableMath.sigmoid(Double($0)) }
      prediction.flags = zip(prediction.probabilities, thresholds).map { $0 >= $1 }
    case .regression:
      prediction.values = zip(output, targetScaling).map { Double($0) * $1.scale + $1.offset }
    case .anomaly:
      let score = anomalyScore(input: input, output: output)
      prediction.score = score
      prediction.label = score > thresholds[0] ? 1 : 0
    }
    return prediction
  }
}

/// The mean squared difference between an autoencoder's input and output.
public func anomalyScore(input: [Float], output: [Float]) -> Double {
  let sum = zip(input, output).reduce(0.0) { sum, pair in
    let difference = Double(pair.0) - Double(pair.1)
    return sum + difference * difference
  }
  return sum / Double(max(input.count, 1))
}

private func softmax(_ logits: [Float]) -> [Double] {
  let highest = Double(logits.max() ?? 0)
  let exponentials = logits.map { PortableMath.exp(Double($0) - highest) }
  let sum = exponentials.reduce(0, +)
  return exponentials.map { $0 / sum }
}
