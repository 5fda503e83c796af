// SPDX-License-Identifier: Apache-2.0
import NNQFormat

/// How probabilities agree with what turned out to be true, in bins of equal width.
///
/// A binary task is judged by the probability of its positive label, a multilabel one by that of each
/// flag, a multiclass one by the probability of the label that it decides for.
///
/// - Source: C. Guo et al., "On Calibration of Modern Neural Networks" (2017): 15 bins, each without
///   its lower end.
struct Reliability: Equatable, Sendable {
  struct Bin: Equatable, Sendable {
    /// How many probabilities lie in it.
    var count = 0
    var sumOfProbabilities = 0.0
    var hits = 0

    /// The mean probability; nil for an empty bin.
    var probability: Double? { count == 0 ? nil : sumOfProbabilities / Double(count) }
    /// The share that is true; nil for an empty bin.
    var frequency: Double? { share(hits, of: count) }
  }

  static let binCount = 15
  /// From the lowest probabilities up.
  private(set) var bins = [Bin](repeating: Bin(), count: binCount)

  init(_ outcomes: Outcomes, times: Times = .once) {
    guard !outcomes.probabilities.isEmpty else { return }
    let width = outcomes.width
    for index in outcomes.truths.indices {
      let count = times[index / width]
      guard count > 0 else { continue }
      if outcomes.kind == .multiclass {
        let decision = outcomes.decisions[index]
        add(
          outcomes.probabilities[index * outcomes.columns + decision],
          isTrue: decision == outcomes.truths[index], count)
      } else {
        add(outcomes.probabilities[index], isTrue: outcomes.truths[index] == 1, count)
      }
    }
  }

  private mutating func add(_ probability: Double, isTrue: Bool, _ count: Int) {
    let place = (probability * Double(Self.binCount)).rounded(.up) - 1
    // Not a number counts nowhere; the log loss says so.
    guard !place.isNaN else { return }
    let bin = Int(min(max(place, 0), Double(Self.binCount - 1)))
    bins[bin].count += count
    bins[bin].sumOfProbabilities += Double(count) * probability
    bins[bin].hits += isTrue ? count : 0
  }

  /// The expected calibration error: the mean over the probabilities of the distance between the
  /// mean probability and the share that is true in their bin; nil without rows.
  var error: Double? {
    let all = bins.reduce(0) { $0 + $1.count }
    guard all > 0 else { return nil }
    return bins.reduce(0.0) { $0 + abs($1.sumOfProbabilities - Double($1.hits)) } / Double(all)
  }

  /// The ends of a bin.
  static func range(_ bin: Int) -> (low: Double, high: Double) {
    (Double(bin) / Double(binCount), Double(bin + 1) / Double(binCount))
  }

  /// The bins that are not empty, for `--json`.
  var json: JSON {
    .array(
      bins.indices.filter { bins[$0].count > 0 }.map { index in
        let (low, high) = Self.range(index)
        return [
          "from": .number(low), "to": .number(high), "count": .integer(bins[index].count),
          "probability": JSON(bins[index].probability), "frequency": JSON(bins[index].frequency),
        ]
      })
  }
}
