// SPDX-License-Identifier: Apache-2.0
internal import NNQData
internal import NNQFormat
internal import NNQLinalg

/// The passes over the fitted rows: the network as it moves and what moves it.
struct TrainingRun: ~Copyable {
  let prepared: PreparedData
  let settings: TrainingSettings
  private let hyperparameters: Hyperparameters
  /// What the metric compares the outputs for the rows held back with; nil where there is none.
  private let validationTargets: Matrix?
  private let steps: Int

  let network: Network<Float>
  private(set) var optimizer: Optimizer<Float>
  private let gradient: GradientStep<Float>
  private var order: [Int]
  private var step = 0
  private(set) var epoch = 0
  private(set) var stopping: EarlyStopping
  /// The report of the best epoch; nil before the first one.
  private(set) var best: EpochReport?
  private var random: RandomSource
  /// The loss of the first step: a thousand times as much is no learning any more.
  private var firstLoss: Double?
  /// Where the parameters stood before an epoch's last step.
  private let before: Vector<Float>

  /// The streams of a seed; the split of the rows takes the seed itself.
  private static let weightStream: UInt64 = 1
  private static let orderStream: UInt64 = 2
  private static let noiseStream: UInt64 = 3

  init(_ prepared: PreparedData, settings: TrainingSettings) {
    self.prepared = prepared
    self.settings = settings
    hyperparameters = prepared.hyperparameters
    var weights = RandomSource(seed: settings.seed, stream: Self.weightStream)
    random = RandomSource(seed: settings.seed, stream: Self.orderStream)
    network = Network(prepared.architecture, using: &weights)
    network.disconnect(inputs: prepared.constantFeatures)
    optimizer = Optimizer(
      settings.optimizer, for: network, momentum: settings.momentum,
      weightDecay: hyperparameters.weightDecay)
    gradient = GradientStep(
      network, loss: prepared.loss, rows: hyperparameters.batch,
      targetColumns: prepared.answers.columns, workers: settings.threads,
      method: settings.isReproducible ? .fixedOrder : .blas)
    stopping = EarlyStopping(patience: settings.patience, initial: network)
    before = Vector(zeros: network.parameters.count)
    order = prepared.fitted
    let batches = (order.count + hyperparameters.batch - 1) / hyperparameters.batch
    steps = (batches + settings.accumulation - 1) / settings.accumulation * hyperparameters.epochs
    validationTargets = prepared.targets.values?.gathered(prepared.validation)
  }

  /// The numbers that a checkpoint keeps beside those of the network and the optimizer.
  var progress: Checkpoint.Progress {
    Checkpoint.Progress(
      epoch: epoch, step: step, firstPower: optimizer.firstPower,
      secondPower: optimizer.secondPower, firstLoss: firstLoss, bestEpoch: stopping.bestEpoch,
      bestLoss: stopping.bestLoss)
  }

  /// Takes them over; the order of the rows is shuffled as often as it was.
  mutating func restore(_ progress: Checkpoint.Progress, best: EpochReport?) {
    epoch = min(progress.epoch, hyperparameters.epochs)
    step = progress.step
    optimizer.firstPower = progress.firstPower
    optimizer.secondPower = progress.secondPower
    firstLoss = progress.firstLoss
    stopping.bestEpoch = progress.bestEpoch
    stopping.bestLoss = progress.bestLoss
    self.best = best
    for _ in 0..<epoch { random.shuffle(&order) }
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
    let rowsOfStep = hyperparameters.batch * settings.accumulation
    for first in stride(from: 0, to: order.count, by: rowsOfStep) {
      let rows = order[first..<min(first + rowsOfStep, order.count)]
      rate = hyperparameters.learningRate * settings.schedule.factor(step: step, steps: steps)
      if rows.endIndex == order.count { before.copy(network.parameters) }
      let loss = takeStep(rows, rate: rate)
      guard loss.isFinite else { throw divergence(rate: rate) }
      let limit = Self.explosion * max(firstLoss ?? loss, 1)
      guard loss < limit else {
        throw .diverged(epoch: epoch, learningRate: rate, cause: .loss)
      }
      if firstLoss == nil { firstLoss = loss }
      step += 1
      sum += loss * Double(rows.count)
    }
    try prepared.checkFile()
    guard network.isFinite else { throw divergence(rate: rate) }
    let layers = LayerReport.all(gradient, before: before)
    let validation = try validate(rate: rate)
    var report = EpochReport(
      epoch: epoch, trainLoss: sum / Double(order.count), validationLoss: validation?.loss,
      validationMetric: validation?.metric, learningRate: rate,
      rowsPerSecond: Double(order.count) / ((ContinuousClock.now - start) / .seconds(1)),
      isBest: false, layers: layers, onlyClass: validation?.onlyClass)
    report.isBest = stopping.note(network, loss: report.validationLoss, epoch: epoch)
    if report.isBest { best = report }
    return report
  }

  /// A loss that has grown by this factor from where it began will not come back.
  private static let explosion = 1e6

  /// One step over the rows, a batch at a time; returns the mean loss.
  private mutating func takeStep(_ rows: ArraySlice<Int>, rate: Double) -> Double {
    optimizer.beginStep()
    let pass = Pass.training(seed: settings.seed, step: step)
    let (optimizer, network, settings) = (optimizer, network, settings)
    let loss = prepared.loss
    let numbers = gradient.gradient
    let isMoved = settings.clipNorm == nil
    func move(_ part: GradientParts.Part) {
      let places = gradient.places(of: part)
      for (range, decays) in [(places.weights, true), (places.others, false)] where !range.isEmpty {
        optimizer.move(
          network, range, gradient: numbers, learningRate: rate, decays: decays)
      }
    }
    var sum = penalty(loss.l2)
    for first in stride(from: rows.startIndex, to: rows.endIndex, by: hyperparameters.batch) {
      let batch = rows[first..<min(first + hyperparameters.batch, rows.endIndex)]
      let share = Double(batch.count) / Double(rows.count)
      let isLast = batch.endIndex == rows.endIndex
      let value = gradient.run(
        batch, inputs: prepared.inputs, answers: prepared.answers, pass: pass,
        isAdded: first != rows.startIndex, share: share,
        disturb: disturbance(firstRow: first - rows.startIndex)
      ) { part in
        guard isLast else { return }
        let places = gradient.places(of: part)
        if loss.l2 > 0 {
          numbers[places.weights].accumulate(network.parameters[places.weights], times: loss.l2)
        }
        if let limit = settings.clipValue {
          numbers[places.weights].clamp(to: limit)
          numbers[places.others].clamp(to: limit)
        }
        if isMoved { move(part) }
      }
      sum += value * share
    }
    if let limit = settings.clipNorm {
      let norm = gradient.squaredNorm.squareRoot()
      if norm > limit { numbers.scale(by: limit / norm) }
      gradient.forEachPart(move)
    }
    return sum
  }

  /// What the L2 objective adds to the loss.
  private func penalty(_ l2: Double) -> Double {
    guard l2 > 0 else { return 0 }
    return network.layers.reduce(0) {
      $0 + l2 / 2 * network.weights(of: $1).values.sumOfSquares
    }
  }

  /// Adds random numbers to the inputs of the features that change; nil without noise.
  private func disturbance(firstRow: Int) -> ((Block<Float>, Int) -> Void)? {
    guard settings.noise > 0 else { return nil }
    let (noise, seed, step) = (settings.noise, settings.seed, step)
    let changing = (0..<prepared.features.count).filter { !prepared.constantFeatures.contains($0) }
    return { inputs, place in
      // A source for each row of each step, so that threads share none.
      for row in 0..<inputs.rows {
        let number = UInt64(step) << 20 ^ UInt64(firstRow + place + row)
        var random = RandomSource(seed: seed ^ number, stream: Self.noiseStream)
        for column in changing {
          inputs.values[row * inputs.columns + column] += Float(noise * random.normal())
        }
      }
    }
  }

  /// The loss and the metric on the rows held back; nil when there are none.
  private func validate(
    rate: Double
  ) throws(TrainingError) -> (loss: Double, metric: ValidationMetric?, onlyClass: Int?)? {
    guard !prepared.validation.isEmpty else { return nil }
    let found = gradient.predict(
      prepared.validation, inputs: prepared.inputs, answers: prepared.answers)
    guard found.loss.isFinite else { throw divergence(rate: rate) }
    let metric = validationTargets.flatMap {
      ValidationMetric(
        of: found.outputs, targets: $0, task: prepared.task.kind,
        scaling: prepared.targets.scaling)
    }
    return (found.loss, metric, onlyClass(found.outputs))
  }

  /// The class that every row held back is put in; nil when there are several or no classes.
  private func onlyClass(_ outputs: Matrix) -> Int? {
    let classes: [Int]
    switch prepared.task.kind {
    case .binary: classes = outputs.elements.map { $0 >= 0 ? 1 : 0 }
    case .multiclass: classes = (0..<outputs.rows).map { outputs.highestColumn(of: $0) }
    case .multilabel, .regression, .anomaly: return nil
    }
    guard let first = classes.first, classes.allSatisfy({ $0 == first }) else { return nil }
    return first
  }

  private func divergence(rate: Double) -> TrainingError {
    .diverged(
      epoch: epoch, learningRate: rate, cause: network.isFinite ? .outputs : .weights)
  }
}
