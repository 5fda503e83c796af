// SPDX-License-Identifier: Apache-2.0
public import NNQFormat
public import NNQTrain

/// How an int8 model does on the rows held back, measured in the C runtime.
public struct QuantizeAwareReport: Equatable, Sendable {
  /// The pass over the fitted rows; 0 before the first one.
  public var pass: Int
  /// The output's signal to noise against the float model, in decibels; infinite where nothing is
  /// lost, nil where the output is constant.
  public var sqnr: Double?
  /// Nil for anomaly.
  public var metric: ValidationMetric?
}

/// A model whose integers were trained and how that came about.
public struct QuantizeAwareResult: Equatable, Sendable {
  /// The float model whose weights and biases are what the integers stand for. Its provenance says how
  /// it is to be quantized, which gives ``quantized`` again.
  public var model: FloatModel
  /// What was measured.
  public var quantized: Int8Model
  /// Of the plain quantization, before the first pass.
  public var plain: QuantizeAwareReport
  /// Of ``quantized``.
  public var best: QuantizeAwareReport
  /// Passes over the fitted rows.
  public var passes: Int
  /// The caller stopped the training.
  public var isInterrupted: Bool
}
