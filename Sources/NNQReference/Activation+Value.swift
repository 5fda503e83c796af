// SPDX-License-Identifier: Apache-2.0
public import NNQFormat
import NNQMath

extension Activation {
  /// The function's value, computed in binary64 and rounded once.
  public func callAsFunction(_ x: Float) -> Float {
    switch self {
    case .identity: x
    case .relu: max(x, 0)
    default: Float(self(Double(x)))
    }
  }

  /// The function's value of each sum.
  func values(_ sums: [Float]) -> [Float] {
    switch self {
    case .identity: sums
    case .relu: sums.map { 0 >= $0 ? 0 : $0 }
    default: sums.map(callAsFunction)
    }
  }

  /// The function's value in binary64.
  ///
  /// - Error: below 1e-13 of the result where that is a normal number.
  public func callAsFunction(_ x: Double) -> Double {
    switch self {
    case .identity: x
    case .relu: max(x, 0)
    case .tanh: PortableMath.tanh(x)
    case .sigmoid: PortableMath.sigmoid(x)
    case .leakyRelu(let slope): x < 0 ? Double(slope) * x : x
    case .relu6: min(max(x, 0), 6)
    case .gelu: 0.5 * x * PortableMath.erfc(-x * rootOfHalf)
    // (1 + tanh(u)) / 2 = sigmoid(2 u), which keeps its digits where tanh is near -1.
    case .geluTanh:
      x * PortableMath.sigmoid(twiceRootOfTwoOverPi * (x + 0.044715 * (x * x * x)))
    case .silu: x * PortableMath.sigmoid(x)
    case .hardSwish: x * min(max(x + 3, 0), 6) / 6
    }
  }
}

private let rootOfHalf = 0.5.squareRoot()
private let twiceRootOfTwoOverPi = 2 * (2 / Double.pi).squareRoot()
