// SPDX-License-Identifier: Apache-2.0

/// What turns gradients into steps.
public enum OptimizerKind: String, CaseIterable, Sendable {
  /// Adam with weight decay that is decoupled from the gradient.
  case adamW = "adamw"
  case adam
  /// Gradient descent, with momentum where it is given.
  case sgd
}
