// SPDX-License-Identifier: Apache-2.0
import Glibc
import NNQData
import NNQFormat
import Testing

@testable import NNQTrain

@Suite("Trainer")
struct TrainerTests {
  private func settings(_ change: (inout TrainingSettings) -> Void) -> TrainingSettings {
    var settings = TrainingSettings()
    settings.hidden = [8]
    settings.epochs = 30
    change(&settings)
    return settings
  }

  /// The outputs of a model computed one row at a time in binary64.
  private func outputs(_ model: FloatModel, _ data: Dataset) -> [[Double]] {
    let oracle = DoubleNetwork(model.layers)
    let width = model.features.count
    return (0..<data.rows).map { row in
      oracle.outputs(
        (0..<width).map { column in
          let feature = model.features[column]
          return (Double(data.readings[row * width + column]) - feature.offset) / feature.scale
        })
    }
  }

  @Test("the same seed gives the same model, another seed another one")
  func reproducible() throws {
    let data = Tables.exclusiveOr(rows: 200)
    let first = try Trainer(settings: settings { $0.seed = 4 }).train(data)
    let second = try Trainer(settings: settings { $0.seed = 4 }).train(data)
    #expect(first == second)
    let other = try Trainer(settings: settings { $0.seed = 5 }).train(data)
    #expect(other.model.layers != first.model.layers)
  }

  @Test("learns a tiny table by heart")
  func overfit() throws {
    let data = Tables.exclusiveOr(rows: 32)
    let result = try Trainer(
      settings: settings {
        $0.hidden = [16]
        $0.validation = 0
        $0.epochs = 400
        $0.learningRate = 0.02
        $0.weightDecay = 0
      }
    ).train(data)
    #expect(result.bestEpoch == 400 && result.validationLoss == nil)
    #expect(result.task.labels == ["other", "same"])
    let classes = try #require(data.targets[0].classes)
    for (output, label) in zip(outputs(result.model, data), classes) {
      #expect((output[0] > 0) == (label == 1))
    }
  }

  @Test("learns a sum and answers in the target's unit")
  func regression() throws {
    let data = Tables.sum(rows: 600)
    let result = try Trainer(
      settings: settings {
        $0.hidden = [16]
        $0.epochs = 100
      }
    ).train(data)
    let metric = try #require(result.validationMetric)
    // The target's deviation is sqrt(20^2 + 2 * 10^2) = 24.5.
    #expect(metric.name == .rmse && metric.value < 6)
    let scaling = result.model.task.targetScaling[0]
    #expect(abs(scaling.scale - 24.5) < 3 && abs(scaling.offset - 990) < 4)
    let first = outputs(result.model, data)[0][0] * scaling.scale + scaling.offset
    #expect(abs(first - Double(data.targets[0].values[0])) < 5 * metric.value)
  }

  @Test("keeps the weights of the best epoch and stops when its patience is over")
  func bestWeights() throws {
    // Labels without meaning: the validation loss soon rises.
    var random = RandomSource(seed: 9)
    let cells = (0..<120).map { _ in "\(random.below(2))" }
    let readings = (0..<120 * 6).map { _ in Float(random.normal()) }
    let data = Dataset(
      featureNames: (0..<6).map { "f\($0)" }, rows: 120, readings: readings,
      targets: [Tables.column("label", cells)])
    var losses = [Double]()
    let result = try Trainer(
      settings: settings {
        $0.hidden = [32]
        $0.epochs = 200
        $0.patience = 10
        $0.learningRate = 0.01
        $0.weightDecay = 0
        $0.isTimeOrdered = true
      }
    ).train(data) { report in
      losses.append(report.validationLoss ?? .nan)
      return true
    }
    let lowest = try #require(losses.min())
    #expect(result.validationLoss == lowest)
    #expect(result.bestEpoch == losses.firstIndex(of: lowest).map { $0 + 1 })
    #expect(result.epochsRun == result.bestEpoch + 10 && result.epochsRun < 200)

    let held = 102..<120
    #expect(result.validationRows == held.count)
    let found = outputs(result.model, data)
    var oracle = 0.0
    for row in held {
      let target = data.targets[0].values[row]
      oracle += log1p(exp(target > 0.5 ? -found[row][0] : found[row][0]))
    }
    // Binary32 against binary64 over a few layers.
    #expect(abs(oracle / Double(held.count) - lowest) < 1e-5)
  }

  @Test("an interruption keeps the best weights so far")
  func interruption() throws {
    let result = try Trainer(settings: settings { _ in }).train(Tables.exclusiveOr(rows: 100)) {
      $0.epoch < 3
    }
    #expect(result.isInterrupted && result.epochsRun == 3 && (1...3).contains(result.bestEpoch))
  }

  @Test("class weights move the decision towards the heavier class")
  func classWeights() throws {
    var random = RandomSource(seed: 11)
    let cells = (0..<400).map { _ in random.below(10) == 0 ? "1" : "0" }
    let data = Dataset(
      featureNames: ["noise"], rows: 400, readings: (0..<400).map { _ in Float(random.normal()) },
      targets: [Tables.column("label", cells)])
    func meanOutput(_ weights: TrainingSettings.ClassWeights) throws -> Double {
      let result = try Trainer(
        settings: settings {
          $0.classWeights = weights
          $0.learningRate = 0.01
        }
      ).train(data)
      return outputs(result.model, data).reduce(0) { $0 + $1[0] } / 400
    }
    // The log odds of one in ten are -2.2, of even weights 0.
    #expect(try meanOutput(.equal) < -1.5)
    #expect(abs(try meanOutput(.balanced)) < 0.6)
    #expect(try meanOutput(.given([1, 100])) > 1)
    #expect(throws: TrainingError.invalidSetting(.classWeights)) {
      try meanOutput(.given([1, 2, 3]))
    }
  }

  @Test("an anomaly model learns from the normal rows and flags one in a hundred of them")
  func anomaly() throws {
    var random = RandomSource(seed: 12)
    var readings = [Float]()
    var cells = [String]()
    for row in 0..<1000 {
      let (a, b) = (random.normal(), random.normal())
      readings += [Float(a), Float(a + 0.1 * b), Float(row % 50 == 0 ? 100 : 5)]
      cells.append(row % 50 == 0 ? "1" : "0")
    }
    let data = Dataset(
      featureNames: ["a", "b", "c"], rows: 1000, readings: readings,
      targets: [Tables.column("label", cells)])
    let result = try Trainer(
      settings: settings {
        $0.task = .anomaly
        $0.hidden = [2]
      }
    ).train(data)
    #expect(result.rowsLeftOut == 20 && result.fittedRows + result.validationRows == 980)
    #expect(result.constantFeatures == ["c"])
    let model = result.model
    #expect(model.layers.map(\.activation) == [.tanh, .identity])
    #expect(model.task.labels == ["0", "1"] && model.task.targets == ["label"])
    let scores = zip(outputs(model, data), 0..<1000).map { output, row in
      var sum = 0.0
      for column in 0..<3 {
        let feature = model.features[column]
        let x = (Double(readings[row * 3 + column]) - feature.offset) / feature.scale
        sum += (x - output[column]) * (x - output[column])
      }
      return sum / 3
    }
    let threshold = model.task.thresholds[0]
    let flagged = scores.indices.count { scores[$0] > threshold && cells[$0] == "0" }
    // 980 scores, the 99th percentile: ten above, one more or less by rounding.
    #expect((8...11).contains(flagged))
    #expect(scores.indices.allSatisfy { cells[$0] == "0" || scores[$0] > threshold })
  }

  @Test("a feature that never changes has no say")
  func constantFeature() throws {
    var data = Tables.exclusiveOr(rows: 100)
    var readings = [Float]()
    for row in 0..<100 { readings += [data.readings[2 * row], data.readings[2 * row + 1], 7] }
    data = Dataset(
      featureNames: ["a", "b", "c"], rows: 100, readings: readings, targets: data.targets)
    let result = try Trainer(settings: settings { _ in }).train(data)
    #expect(result.constantFeatures == ["c"])
    for row in 0..<8 { #expect(result.model.layers[0].weights[3 * row + 2] == 0) }
    #expect(result.model.features[2].offset == 7 && result.model.features[2].scale == 1)
  }

  @Test("a model carries its features, statistics, calibration rows and provenance")
  func completeModel() throws {
    var data = Tables.sum(rows: 700)
    data.sourceSHA256 = "abc"
    data.readings[5] = .nan
    let result = try Trainer(
      settings: settings {
        $0.missingReadings = .median
        $0.provenance["tool-version"] = "1.2.3"
      }
    ).train(data)
    let model = result.model
    #expect(model.features.map(\.name) == ["a", "b", "c"])
    #expect(model.features.allSatisfy { $0.replacement != nil })
    let statistics = try #require(model.statistics)
    #expect(statistics.probabilities == FeatureStatistics.standardProbabilities)
    let present = (0..<700).map { data.readings[3 * $0 + 2] }.filter { !$0.isNaN }
    #expect(statistics.quantiles[2].first == present.min())
    #expect(statistics.quantiles[2].last == present.max())
    let calibration = try #require(model.calibration)
    #expect(calibration.rows == 512 && calibration.readings.count == 3 * 512)
    #expect(calibration.readings.allSatisfy { $0.isFinite })
    #expect(calibration.targets.allSatisfy { (800...1100).contains($0) })
    #expect(model.provenance["tool-version"] == "1.2.3")
    #expect(model.provenance["data-sha256"] == "abc")
    #expect(model.provenance["seed"] == "0" && model.provenance["best-epoch"] != nil)
  }

  @Test("refuses what no model can come from")
  func refusals() {
    var data = Tables.sum(rows: 50)
    func refused(_ expected: TrainingError, _ change: (inout TrainingSettings) -> Void) {
      #expect(throws: expected) { try Trainer(settings: settings(change)).train(data) }
    }
    refused(.invalidSetting(.batch)) { $0.batch = 0 }
    refused(.invalidSetting(.hidden)) { $0.hidden = [4, 0] }
    refused(.invalidSetting(.normalization)) { ($0.normalization, $0.hidden) = (.layer, [4, 1]) }
    refused(.invalidSetting(.learningRate)) { $0.learningRate = .nan }
    refused(.invalidSetting(.weightDecay)) { $0.weightDecay = -1 }
    refused(.invalidSetting(.epochs)) { $0.epochs = .max }
    refused(.invalidSetting(.patience)) { $0.patience = 0 }
    refused(.invalidSetting(.validation)) { $0.validation = 1 }
    refused(.invalidSetting(.classWeights)) { $0.classWeights = .balanced }
    refused(.tooManyParameters(found: 4 * 65_535 + 65_536 * 65_535 + 65_536, limit: 1 << 24)) {
      $0.hidden = [65_535, 65_535]
    }
    data.group = Dataset.Group(
      name: "unit", labels: Array(repeating: 0, count: 50), vocabulary: ["1"])
    refused(.oneGroup) { _ in }
    data.group = nil
    data.readings[4] = .nan
    refused(.missingReading(feature: "b", row: 1)) { _ in }
    data.readings[4] = -.infinity
    refused(.infiniteReading(feature: "b", row: 1)) { $0.missingReadings = .mean }
    data.readings[4] = 0
    data.targets[0].values = Array(repeating: 3, count: 50)
    refused(.constantTarget(name: "target")) { _ in }
    data = Tables.counting([Tables.column("label", ["a", "a", "a"])])
    refused(.oneClass(target: "label", label: "a")) { $0.task = .binary }
    data = Tables.counting([Tables.column("label", (0..<30).map { "a\($0)" })])
    refused(.moreClassesThanRows(target: "label", classes: 30, rows: 29, areNumbers: false)) {
      $0.validation = 1.0 / 30
    }
    data = Tables.counting([Tables.column("label", (0..<30).map { "a\($0 % 3)" })])
    refused(
      .mismatch(
        task: .multiclass, loss: .mse, output: nil, right: LossFunction.pairs(for: .multiclass))
    ) {
      $0.loss = .mse
    }
    data = Tables.counting([], rows: 1)
    refused(.tooFewRows(found: 1, needed: 2)) { _ in }
  }

  @Test("a loss that is lost names the weights and the rate")
  func divergence() {
    let trainer = Trainer(settings: settings { $0.learningRate = 1e30 })
    #expect {
      try trainer.train(Tables.sum(rows: 300))
    } throws: { error in
      guard case .diverged(_, let rate, let cause) = error as? TrainingError else { return false }
      return rate > 1e20 && (cause == .weights || cause == .outputs)
    }
  }

  @Test("a training that diverges later keeps the weights of its best pass")
  func lateDivergence() throws {
    // The rate rises over the first three of sixty steps, so that the first passes are sound.
    let asked = settings {
      $0.hidden = [8]
      $0.optimizer = .sgd
      $0.learningRate = 1e4
      $0.schedule = .warmupCosine
      $0.epochs = 60
      $0.batch = 300
    }
    let data = Tables.sum(rows: 300)
    let result = try Trainer(settings: asked).train(data)
    guard case .diverged(let epoch, _, _) = result.divergence else {
      Issue.record("no divergence")
      return
    }
    #expect(result.bestEpoch >= 1 && result.bestEpoch < epoch)
    let reached = try Trainer(settings: asked).train(data) { $0.epoch < result.bestEpoch }
    #expect(reached.divergence == nil)
    #expect(result.model.layers == reached.model.layers)
    #expect(result.model.layers.allSatisfy { $0.weights.allSatisfy(\.isFinite) })
  }

  @Test("whole groups are held back")
  func groups() throws {
    let data = Tables.exclusiveOr(rows: 100)
    let groups = (0..<100).map { Int32($0 / 20) }
    let result = try Trainer(settings: settings { _ in }).train(data, groups: groups)
    #expect(result.validationRows == 20)
  }
}
