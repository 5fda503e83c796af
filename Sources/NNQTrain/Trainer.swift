// SPDX-License-Identifier: Apache-2.0
public import NNQData
internal import NNQFormat
internal import NNQLinalg

/// Fits a multilayer perceptron to a data set.
public struct Trainer: Sendable {
  /// The most passes over the rows unless more are asked for.
  public static let mostEpochs = 150

  /// How models are trained.
  public let settings: TrainingSettings

  /// A trainer with its settings.
  public init(settings: TrainingSettings = TrainingSettings()) { self.settings = settings }

  /// Trains a model; the same data and settings give the same bytes.
  ///
  /// - Parameters:
  ///   - groups: one a row; rows of one group stay on one side when rows are held back. Nil takes
  ///     the data set's own, if any.
  ///   - resuming: where a training of the same data and settings stood.
  ///   - progress: called after each pass; false stops and keeps the best weights so far.
  ///   - keep: called before it with where the training stands, when it is given.
  /// - Throws: ``TrainingError``.
  public func train(
    _ data: Dataset, groups: [Int32]? = nil, resuming: Checkpoint? = nil,
    progress: (EpochReport) -> Bool = { _ in true }, keep: ((Checkpoint) -> Void)? = nil
  ) throws(TrainingError) -> TrainingResult {
    try settings.validate()
    BLAS.useOneThread()
    let prepared = try PreparedData(
      data, groups: groups ?? data.group?.labels, settings: settings)
    var run = TrainingRun(prepared, settings: settings)
    let identity =
      resuming != nil || keep != nil ? TrainingIdentity(prepared, settings: settings) : nil
    if let resuming, let identity {
      do throws(CheckpointError) {
        try resuming.check(
          settings: identity.settings, usual: TrainingIdentity.lines(TrainingSettings()),
          data: identity.data)
        try run.resume(resuming)
      } catch {
        throw .checkpoint(error)
      }
    }
    var diagnosis = Diagnosis()
    var divergence: TrainingError?
    var isInterrupted = false
    while !run.isFinished, !isInterrupted, divergence == nil {
      do throws(TrainingError) {
        let report = try run.runEpoch()
        diagnosis.note(report)
        if let keep, let identity { keep(run.checkpoint(identity)) }
        isInterrupted = !progress(report)
      } catch {
        // The weights of the best pass are still good.
        guard run.stopping.bestEpoch > 0 else { throw error }
        divergence = error
      }
    }
    let best = run.best
    let model = try makeModel(
      run.stopping.best, prepared: prepared, best: best, epochs: run.epoch)
    try prepared.checkFile()
    return TrainingResult(
      model: model,
      task: prepared.task, epochsRun: run.epoch, bestEpoch: run.stopping.bestEpoch,
      validationLoss: best?.validationLoss, validationMetric: best?.validationMetric,
      fittedRows: prepared.fitted.count, validationRows: prepared.validation.count,
      rowsLeftOut: prepared.rowsLeftOut,
      constantFeatures: prepared.constantFeatures.map { prepared.features[$0].name },
      divergence: divergence, symptoms: diagnosis.symptoms(labels: prepared.task.labels),
      isInterrupted: isInterrupted)
  }
}
