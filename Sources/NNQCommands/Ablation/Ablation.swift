// SPDX-License-Identifier: Apache-2.0
import NNQData
import NNQFormat
import NNQTrain

/// Trainings that differ from a base in one thing each, over the same seeds.
struct Ablation: Sendable {
  struct Trial: Sendable {
    /// Of the rows held back, in the best pass.
    let value: Double
    let seconds: Double
    let rowsFitted: Int
    let parameters: Int
    let macs: Int
    let diverged: Bool
  }

  /// A variant and its trainings, one for each seed.
  struct Result: Sendable {
    /// Nil for the base.
    let variant: Variant?
    let trials: [Trial]

    var values: [Double] { trials.map(\.value) }
    var interval: StudentInterval { StudentInterval(values) }
    var seconds: Double { trials.reduce(0) { $0 + $1.seconds } / Double(trials.count) }
    var name: String { variant?.name ?? "as given" }
    var aspect: String { variant?.aspect.rawValue ?? "base" }

    /// How much more than another's its values are, seed by seed: both hold back the same rows.
    func difference(to other: Result) -> StudentInterval {
      StudentInterval(zip(values, other.values).map { $0 - $1 })
    }
  }

  /// `accuracy`, `rmse`, `r2` or, for anomaly, `loss`.
  let metric: String
  let seeds: [UInt64]
  let base: Result
  let changes: [Result]
  /// The variants that could not be trained, and why.
  let refused: [(variant: Variant, failure: Failure)]

  var higherIsBetter: Bool { metric != "rmse" && metric != "loss" }

  /// What values the metric takes.
  var metricRange: ClosedRange<Double> {
    switch metric {
    case "accuracy": 0...1
    case "r2": -.infinity...1
    default: 0 ... .infinity
    }
  }

  /// The rows' shares in ascending order, the base last; empty when rows were not asked for.
  var learningCurve: [Result] {
    let shares = changes.filter { $0.variant?.aspect == .rows }
    return shares.isEmpty ? [] : shares + [base]
  }

  /// - Parameters:
  ///   - path: of the data, for failures.
  ///   - seeds: not empty.
  /// - Throws: ``Failure`` when the base cannot be trained.
  init(
    _ data: Dataset, _ settings: TrainingSettings, _ variants: [Variant], seeds: [UInt64],
    path: String, _ console: Console
  ) throws(Failure) {
    var progress = Progress(
      "training", total: (variants.count + 1) * seeds.count, on: console)
    var done = 0
    var metric = "loss"
    func run(_ settings: TrainingSettings, _ name: String) throws(Failure) -> [Trial] {
      var trials: [Trial] = []
      for seed in seeds {
        var settings = settings
        settings.seed = seed
        let start = monotonicNanoseconds()
        let result = try naming(path) { try Trainer(settings: settings).train(data) }
        let layers = Inspection.layers(of: result.model)
        metric = result.validationMetric?.name.rawValue ?? "loss"
        trials.append(
          Trial(
            value: result.validationMetric?.value ?? result.validationLoss ?? .nan,
            seconds: Double(monotonicNanoseconds() - start) / 1e9, rowsFitted: result.fittedRows,
            parameters: layers.reduce(0) { $0 + $1.parameters },
            macs: layers.reduce(0) { $0 + $1.macs }, diverged: result.divergence != nil))
        done += 1
        progress.update(done, "\(name), seed \(seed)")
      }
      return trials
    }
    base = Result(variant: nil, trials: try run(settings, "base"))
    var changes: [Result] = []
    var refused: [(Variant, Failure)] = []
    for variant in variants {
      let before = done
      do throws(Failure) {
        changes.append(Result(variant: variant, trials: try run(variant.settings, variant.name)))
      } catch {
        refused.append((variant, error))
        done = before + seeds.count
      }
    }
    progress.finish()
    self.metric = metric
    self.seeds = seeds
    self.changes = changes
    self.refused = refused
  }
}
