// SPDX-License-Identifier: Apache-2.0
internal import NNQData
internal import NNQFormat
internal import NNQLinalg

/// The passes over the fitted rows: the network as it moves and what moves it.
struct TrainingRun {
  private let prepared: PreparedData
  private let hyperparameters: Hyperparameters
  private let schedule: Schedule
  private let validationInputs: Matrix
  private let validationAnswers: Matrix
  private let steps: Int

  private var network: Network
  private var optimizer: Optimizer
  private var gradient: Backpropagation
  private var order: [Int]
  private var batchInputs: Matrix
  private var batchAnswers: Matrix
  private var step = 0
  private var epoch = 0
  private(set) var stopping: EarlyStopping
  /// The report of the best epoch; nil before the first one.
  private(set) var best: EpochReport?
  private var random: RandomSource

  /// The streams of a seed; the split of the rows takes the seed itself.
  private static let weightStream: UInt64 = 1
  private static let orderStream: UInt64 = 2

  init(_ prepared: PreparedData, settings: TrainingSettings) {
    self.prepared = prepared
    hyperparameters = prepared.hyperparameters
    schedule = settings.schedule
    let hidden = settings.activation ?? (prepared.task.kind == .anomaly ? .tanh : .relu)
    var weights = RandomSource(seed: settings.seed, stream: Self.weightStream)
    random = RandomSource(seed: settings.seed, stream: Self.orderStream)
    network = Network(
      widths: [prepared.features.count] + settings.hidden + [prepared.targets.outputs],
      activations: settings.hidden.map { _ in hidden } + [.identity], using: &weights)
    network.disconnect(inputs: prepared.constantFeatures)
    optimizer = Optimizer(for: network, weightDecay: hyperparameters.weightDecay)
    gradient = Backpropagation(for: network)
    stopping = EarlyStopping(patience: settings.patience, initial: network)
    order = prepared.fitted
    let stepsPerEpoch = (order.count + hyperparameters.batch - 1) / hyperparameters.batch
    steps = stepsPerEpoch * hyperparameters.epochs
    validationInputs = prepared.inputs.gathered(prepared.validation)
    validationAnswers = prepared.answers.gathered(prepared.validation)
    batchInputs = Matrix(rows: 0, columns: validationInputs.columns)
    batchAnswers = Matrix(rows: 0, columns: validationAnswers.columns)
  }

  /// Whether another epoch is to run.
  var isFinished: Bool { epoch >= hyperparameters.epochs || stopping.isExhausted(after: epoch) }

  /// Runs one pass over the fitted rows in a new random order and looks at the rows held back.
  ///
  /// - Throws: ``TrainingError/diverged(epoch:learningRate:cause:)``.
  mutating func runEpoch() throws(TrainingError) -> EpochReport {
    let start = ContinuousClock.now
    epoch += 1
    random.shuffle(&order)
    var sum = 0.0
    var rate = 0.0
    let answers = prepared.answers
    for first in stride(from: 0, to: order.count, by: hyperparameters.batch) {
      let rows = order[first..<min(first + hyperparameters.batch, order.count)]
      batchInputs.gather(rows, of: prepared.inputs)
      batchAnswers.gather(rows, of: answers)
      rate = hyperparameters.learningRate * schedule.factor(step: step, steps: steps)
      let loss = gradient.run(
        network, inputs: batchInputs, targets: batchAnswers, loss: prepared.loss)
      guard loss.isFinite else { throw divergence(rate: rate) }
      optimizer.step(&network, gradient: gradient, learningRate: rate)
      step += 1
      sum += loss * Double(rows.count)
    }
    guard network.isFinite else { throw divergence(rate: rate) }
    let validation = try validate(rate: rate)
    var report = EpochReport(
      epoch: epoch, trainLoss: sum / Double(order.count), validationLoss: validation?.loss,
      validationMetric: validation?.metric, learningRate: rate,
      rowsPerSecond: Double(order.count) / ((ContinuousClock.now - start) / .seconds(1)),
      isBest: false)
    report.isBest = stopping.note(network, loss: report.validationLoss, epoch: epoch)
    if report.isBest { best = report }
    return report
  }

  /// The loss and the metric on the rows held back; nil when there are none.
  private func validate(
    rate: Double
  ) throws(TrainingError) -> (loss: Double, metric: ValidationMetric?)? {
    guard validationInputs.rows > 0 else { return nil }
    let outputs = network.predict(validationInputs)
    var slope = Matrix(rows: outputs.rows, columns: outputs.columns)
    let loss = prepared.loss.evaluate(outputs, targets: validationAnswers, gradient: &slope)
    guard loss.isFinite else { throw divergence(rate: rate) }
    let metric = ValidationMetric(
      of: outputs, targets: validationAnswers, task: prepared.task.kind,
      scaling: prepared.targets.scaling)
    return (loss, metric)
  }

  private func divergence(rate: Double) -> TrainingError {
    .diverged(
      epoch: epoch, learningRate: rate, cause: network.isFinite ? .outputs : .weights)
  }
}
