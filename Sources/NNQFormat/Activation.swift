// SPDX-License-Identifier: Apache-2.0

/// The function that a layer applies to what it computes.
public enum Activation: Hashable, Sendable {
  case identity
  /// `max(x, 0)`
  case relu
  case tanh
  /// `1 / (1 + exp(-x))`
  case sigmoid
  /// `x`, or `slope * x` below 0; the slope is finite.
  case leakyRelu(slope: Float)
  /// `min(max(x, 0), 6)`
  case relu6
  /// `x / 2 * (1 + erf(x / sqrt(2)))`
  case gelu
  /// `x / 2 * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 * x^3)))`
  case geluTanh
  /// `x * sigmoid(x)`
  case silu
  /// `x * min(max(x + 3, 0), 6) / 6`
  case hardSwish

  /// The function without its parameters, as an image names it.
  public enum Kind: UInt8, CaseIterable, Sendable {
    case identity = 0
    case relu = 1
    case tanh = 2
    case sigmoid = 3
    case leakyRelu = 4
    case relu6 = 5
    case gelu = 6
    case geluTanh = 7
    case silu = 8
    case hardSwish = 9

    /// The name that the command line uses.
    public var name: String {
      switch self {
      case .identity: "identity"
      case .relu: "relu"
      case .tanh: "tanh"
      case .sigmoid: "sigmoid"
      case .leakyRelu: "leaky-relu"
      case .relu6: "relu6"
      case .gelu: "gelu"
      case .geluTanh: "gelu-tanh"
      case .silu: "silu"
      case .hardSwish: "hard-swish"
      }
    }
  }

  /// The function of a kind.
  ///
  /// - Parameters:
  ///   - kind: which function.
  ///   - slope: what a leaky ReLU multiplies negative values by; the others have none.
  public init(_ kind: Kind, slope: Float = 0.01) {
    switch kind {
    case .identity: self = .identity
    case .relu: self = .relu
    case .tanh: self = .tanh
    case .sigmoid: self = .sigmoid
    case .leakyRelu: self = .leakyRelu(slope: slope)
    case .relu6: self = .relu6
    case .gelu: self = .gelu
    case .geluTanh: self = .geluTanh
    case .silu: self = .silu
    case .hardSwish: self = .hardSwish
    }
  }

  public var kind: Kind {
    switch self {
    case .identity: .identity
    case .relu: .relu
    case .tanh: .tanh
    case .sigmoid: .sigmoid
    case .leakyRelu: .leakyRelu
    case .relu6: .relu6
    case .gelu: .gelu
    case .geluTanh: .geluTanh
    case .silu: .silu
    case .hardSwish: .hardSwish
    }
  }

  /// The name that the command line uses.
  public var name: String { kind.name }
}
