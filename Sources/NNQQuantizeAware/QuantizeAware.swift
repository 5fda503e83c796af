// SPDX-License-Identifier: Apache-2.0
public import NNQData
public import NNQFormat
import NNQLinalg
public import NNQQuantize
public import NNQTrain

/// Trains the integers of a model on, after it was trained in float.
///
/// The model is quantized; then each batch of the training rows runs through the integers as they
/// stand, and the weights' codes and the biases are moved to where the outputs come closer to those
/// of the float model. After each pass the quantizer makes an int8 model of them, which is measured
/// on the rows held back; the best one stays.
public struct QuantizeAware: Sendable {
  /// The bits of the weights.
  public let weights: QuantizationSettings.Weights
  /// Those that the model was trained with: they part the rows.
  public let training: TrainingSettings

  /// Passes over the fitted rows.
  public static let passes = 40
  /// About the most that a step moves a weight by, in steps of its code; it falls to 0 as a cosine.
  static let rate = 0.002
  /// The stream of a seed that orders the rows.
  static let orderStream: UInt64 = 4

  /// What is trained and how the float model was.
  ///
  /// - Parameters:
  ///   - weights: the bits of the weights.
  ///   - training: the settings of the float training.
  /// - Throws: ``QuantizeAwareError`` for a training whose network or rows cannot be gone on with.
  public init(
    weights: QuantizationSettings.Weights, training: TrainingSettings
  ) throws(QuantizeAwareError) {
    for (isUsed, operation) in [
      (training.isGated, OperationKind.gate), (training.normalization == .layer, .layerNorm),
      (training.isResidual, .add),
    ] where isUsed {
      throw .unsupported(operation)
    }
    guard training.validation > 0 else { throw .noRowsHeldBack }
    self.weights = weights
    self.training = training
  }

  /// Trains the integers of a model; the same model, rows and settings give the same bytes.
  ///
  /// - Parameters:
  ///   - model: what the settings trained on the data.
  ///   - data: the table of that training.
  ///   - progress: called with the quantized model first and then after each pass; false stops and
  ///     keeps the best so far.
  /// - Throws: ``QuantizeAwareError``.
  public func tune(
    _ model: FloatModel, on data: Dataset, progress: (QuantizeAwareReport) -> Bool = { _ in true }
  ) throws(QuantizeAwareError) -> QuantizeAwareResult {
    BLAS.useOneThread()
    let rows: TrainingRows
    do { rows = try TrainingRows(data, settings: training) } catch { throw .training(error) }
    guard !rows.validation.isEmpty else { throw .noRowsHeldBack }
    for layer in model.layers {
      guard case .dense = layer.operation else { throw .unsupported(layer.operation.kind) }
    }
    var run = try TuningRun(model, rows, self)
    var isInterrupted = !progress(run.best)
    while run.pass < Self.passes, !isInterrupted {
      isInterrupted = !progress(try run.runPass())
    }
    return try run.result(isInterrupted: isInterrupted)
  }
}
