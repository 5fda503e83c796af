// SPDX-License-Identifier: Apache-2.0
internal import Glibc
internal import NNQLinalg

/// What training makes small. The network's last layer has no activation: a loss takes logits.
enum Loss: Equatable, Sendable {
  /// The mean over the outputs of the squared difference from the targets.
  case squaredError
  /// The mean over the outputs of the cross-entropy between a target of 0 or 1 and the sigmoid of
  /// the logit, times the weight of the target's side.
  case binaryCrossEntropy(negative: [Float], positive: [Float])
  /// The cross-entropy between the target class, which is the one column of the targets, and the
  /// softmax of the logits, times the weight of the class.
  case softmaxCrossEntropy(weights: [Float])

  /// The loss, a mean over the rows, and its gradient with respect to the outputs.
  ///
  /// - Shape: `outputs` and `gradient` are `[rows][outputs]`; `targets` the same, or
  ///   `[rows][1]` for softmax.
  func evaluate(_ outputs: Matrix, targets: Matrix, gradient: inout Matrix) -> Double {
    precondition(outputs.rows == targets.rows && outputs.rows == gradient.rows)
    precondition(outputs.columns == gradient.columns && outputs.rows > 0)
    let share = 1 / Float(outputs.rows)
    switch self {
    case .squaredError:
      return squaredError(outputs, targets, &gradient, share / Float(outputs.columns))
    case .binaryCrossEntropy(let negative, let positive):
      precondition(negative.count == outputs.columns && positive.count == outputs.columns)
      return crossEntropy(
        outputs, targets, &gradient, share / Float(outputs.columns), negative, positive)
    case .softmaxCrossEntropy(let weights):
      precondition(weights.count == outputs.columns && targets.columns == 1)
      return softmax(outputs, targets, &gradient, share, weights)
    }
  }

  private func squaredError(
    _ outputs: Matrix, _ targets: Matrix, _ gradient: inout Matrix, _ share: Float
  ) -> Double {
    precondition(targets.columns == outputs.columns)
    let y = outputs.elements.span
    let t = targets.elements.span
    var slope = gradient.elements.mutableSpan
    var sum = 0.0
    for index in 0..<y.count {
      let difference = y[index] - t[index]
      sum += Double(difference) * Double(difference)
      slope[index] = 2 * share * difference
    }
    return sum * Double(share)
  }

  private func crossEntropy(
    _ outputs: Matrix, _ targets: Matrix, _ gradient: inout Matrix, _ share: Float,
    _ negative: [Float], _ positive: [Float]
  ) -> Double {
    precondition(targets.columns == outputs.columns)
    let z = outputs.elements.span
    let t = targets.elements.span
    var slope = gradient.elements.mutableSpan
    var sum = 0.0
    var index = 0
    for _ in 0..<outputs.rows {
      for column in 0..<outputs.columns {
        let weight = t[index] > 0.5 ? positive[column] : negative[column]
        // log(1 + exp(z)) - t z, written so that exp never overflows.
        let small = expf(-abs(z[index]))
        let loss = max(z[index], 0) - z[index] * t[index] + log1pf(small)
        sum += Double(weight * loss)
        slope[index] = share * weight * (logistic(z[index]) - t[index])
        index += 1
      }
    }
    return sum * Double(share)
  }

  private func softmax(
    _ outputs: Matrix, _ targets: Matrix, _ gradient: inout Matrix, _ share: Float,
    _ weights: [Float]
  ) -> Double {
    let z = outputs.elements.span
    let classes = targets.elements.span
    var slope = gradient.elements.mutableSpan
    var sum = 0.0
    let count = outputs.columns
    for row in 0..<outputs.rows {
      let start = row * count
      let target = Int(classes[row])
      // The highest logit is taken off first, so that exp never overflows.
      var highest = z[start]
      for column in 1..<count { highest = max(highest, z[start + column]) }
      var total: Float = 0
      for column in 0..<count {
        let power = expf(z[start + column] - highest)
        slope[start + column] = power
        total += power
      }
      let weight = weights[target]
      sum += Double(weight * (logf(total) - (z[start + target] - highest)))
      for column in 0..<count { slope[start + column] *= share * weight / total }
      slope[start + target] -= share * weight
    }
    return sum * Double(share)
  }
}
