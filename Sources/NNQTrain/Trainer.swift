// SPDX-License-Identifier: Apache-2.0
public import NNQData
internal import NNQFormat
internal import NNQLinalg

/// Fits a multilayer perceptron to a data set.
public struct Trainer: Sendable {
  /// How models are trained.
  /// The most passes over the rows unless more are asked for.
  public static let mostEpochs = 150

  public let settings: TrainingSettings

  /// A trainer with its settings.
  public init(settings: TrainingSettings = TrainingSettings()) { self.settings = settings }

  /// Trains a model; the same data and settings give the same bytes.
  ///
  /// - Parameters:
  ///   - groups: one a row; rows of one group stay on one side when rows are held back. Nil takes
  ///     the data set's own, if any.
  ///   - progress: called after each pass; false stops and keeps the best weights so far.
  /// - Throws: ``TrainingError``.
  public func train(
    _ data: Dataset, groups: [Int32]? = nil, progress: (EpochReport) -> Bool = { _ in true }
  ) throws(TrainingError) -> TrainingResult {
    try settings.validate()
    BLAS.useOneThread()
    let prepared = try PreparedData(
      data, groups: groups ?? data.group?.labels, settings: settings)
    var run = TrainingRun(prepared, settings: settings)
    var epochs = 0
    var isInterrupted = false
    while !run.isFinished, !isInterrupted {
      let report = try run.runEpoch()
      epochs = report.epoch
      isInterrupted = !progress(report)
    }
    return TrainingResult(
      model: try makeModel(run.stopping.best, prepared: prepared, best: run.best, epochs: epochs),
      task: prepared.task, epochsRun: epochs, bestEpoch: run.stopping.bestEpoch,
      validationLoss: run.best?.validationLoss, validationMetric: run.best?.validationMetric,
      fittedRows: prepared.fitted.count, validationRows: prepared.validation.count,
      rowsLeftOut: prepared.rowsLeftOut,
      constantFeatures: prepared.constantFeatures.map { prepared.features[$0].name },
      isInterrupted: isInterrupted)
  }
}
