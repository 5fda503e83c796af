// SPDX-License-Identifier: Apache-2.0
import NNQData

/// Where the metrics of rows like these lie with a confidence of 95 %.
///
/// A share of independent rows has the exact binomial interval. Every other metric is measured on
/// resamples: as many rows, drawn with replacement; the interval holds the middle 95 % of them.
///
/// - Source: B. Efron and R. Tibshirani, "An Introduction to the Bootstrap" (1993), the percentile
///   interval of chapter 13.
struct Intervals: Sendable {
  /// One a metric, in its order; nil where none is defined.
  let ranges: [ClosedRange<Double>?]
  /// How many resamples were drawn.
  let resamples: Int

  static let confidence = 0.95
  /// The resamples of a table that is not large.
  static let usualResamples = 1000
  /// Fewer would leave the ends to chance.
  static let fewestResamples = 40
  /// Scores that are looked at over all resamples before there are fewer of them.
  private static let work = 300_000_000

  /// - Parameters:
  ///   - resamples: nil takes ``usualResamples``, fewer for large tables, and none where that would
  ///     be fewer than ``fewestResamples``.
  ///   - seed: the same seed draws the same rows.
  init(
    _ outcomes: Outcomes, _ metrics: Metrics, cost: Cost? = nil, resamples: Int? = nil,
    seed: UInt64 = 0
  ) {
    let cells = max(1, outcomes.rows * max(outcomes.columns, outcomes.width))
    let affordable = min(Self.usualResamples, Self.work / cells)
    let count = resamples ?? (affordable < Self.fewestResamples ? 0 : affordable)
    let needsResamples = metrics.all.contains { $0.value != nil && $0.trials == nil }
    self.resamples = needsResamples && outcomes.rows > 0 ? count : 0
    var values = [[Double]](repeating: [], count: metrics.all.count)
    var random = RandomSource(seed: seed, stream: 1)
    let orders = self.resamples > 0 ? outcomes.orders() : nil
    for _ in 0..<self.resamples {
      var times = [Int32](repeating: 0, count: outcomes.rows)
      for _ in 0..<outcomes.rows { times[random.below(outcomes.rows)] += 1 }
      let drawn = outcomes.metrics(times: .each(times), orders: orders, cost: cost)
      for (index, metric) in drawn.all.enumerated() {
        if let value = metric.value { values[index].append(value) }
      }
    }
    let drawn = self.resamples
    ranges = zip(metrics.all, values).map { metric, values in
      guard let value = metric.value else { return nil }
      if let trials = metric.trials {
        let hits = Int((value * Double(trials)).rounded())
        return binomialInterval(hits: hits, trials: trials, confidence: Self.confidence)
      }
      // Where many resamples do not define the metric, the rest say little about it.
      guard drawn > 0, values.count * 10 >= drawn * 9 else { return nil }
      return Self.middle(of: values.sorted())
    }
  }

  /// The range of the middle 95 % of sorted values; linear between two of them.
  private static func middle(of sorted: [Double]) -> ClosedRange<Double> {
    func quantile(_ share: Double) -> Double {
      let position = share * Double(sorted.count - 1)
      let low = Int(position)
      let high = min(low + 1, sorted.count - 1)
      return sorted[low] + (sorted[high] - sorted[low]) * (position - Double(low))
    }
    let lower = quantile((1 - confidence) / 2)
    return lower...max(lower, quantile((1 + confidence) / 2))
  }
}
