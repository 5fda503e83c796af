// SPDX-License-Identifier: Apache-2.0
internal import Glibc
public import NNQFormat
internal import NNQLinalg

extension Activation {
  /// The functions that the trainer has derivatives of.
  public static let trained: [Activation] = [.identity, .relu, .tanh, .sigmoid]

  private var notTrained: String { "\(name) is none of Activation.trained" }

  /// Replaces each weighted sum by the function's value.
  func apply(to sums: inout Matrix) {
    var values = sums.elements.mutableSpan
    switch self {
    case .identity: return
    case .relu:
      // A comparison that NaN fails, so that a NaN stays one and is found in the loss.
      for index in 0..<values.count where values[index] < 0 { values[index] = 0 }
    case .tanh:
      for index in 0..<values.count { values[index] = tanhf(values[index]) }
    case .sigmoid:
      for index in 0..<values.count { values[index] = logistic(values[index]) }
    case .leakyRelu, .relu6, .gelu, .geluTanh, .silu, .hardSwish: preconditionFailure(notTrained)
    }
  }

  /// Turns the gradient of the function's values into the gradient of the weighted sums.
  ///
  /// - Parameter outputs: the function's values: each derivative here is a function of them alone.
  func multiplyByDerivative(_ gradient: inout Matrix, outputs: Matrix) {
    precondition(gradient.elements.count == outputs.elements.count)
    let y = outputs.elements.span
    var slope = gradient.elements.mutableSpan
    switch self {
    case .identity: return
    case .relu:
      for index in 0..<slope.count { slope[index] = y[index] > 0 ? slope[index] : 0 }
    case .tanh:
      for index in 0..<slope.count { slope[index] *= 1 - y[index] * y[index] }
    case .sigmoid:
      for index in 0..<slope.count { slope[index] *= y[index] * (1 - y[index]) }
    case .leakyRelu, .relu6, .gelu, .geluTanh, .silu, .hardSwish: preconditionFailure(notTrained)
    }
  }
}

/// `1 / (1 + exp(-x))` without overflow on either side.
func logistic(_ x: Float) -> Float {
  let small = expf(-abs(x))
  return x >= 0 ? 1 / (1 + small) : small / (1 + small)
}
