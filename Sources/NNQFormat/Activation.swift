// SPDX-License-Identifier: Apache-2.0

/// The function that a layer applies to its weighted sums.
public enum Activation: UInt8, CaseIterable, Sendable {
  case identity = 0
  /// `max(x, 0)`
  case relu = 1
  case tanh = 2
  /// `1 / (1 + exp(-x))`
  case sigmoid = 3

  /// The name that the command line uses.
  public var name: String {
    switch self {
    case .identity: "identity"
    case .relu: "relu"
    case .tanh: "tanh"
    case .sigmoid: "sigmoid"
    }
  }
}
