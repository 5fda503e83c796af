// SPDX-License-Identifier: Apache-2.0
public import NNQFormat
public import NNQQuantize
public import NNQTrain

/// Why a model's integers cannot be trained.
public enum QuantizeAwareError: Error, Equatable, Sendable {
  /// The network has an operation that is no dense layer.
  case unsupported(OperationKind)
  /// No rows are held back, so that nothing says which pass is the best.
  case noRowsHeldBack
  case training(TrainingError)
  case quantization(QuantizationError)
}
