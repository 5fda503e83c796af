// SPDX-License-Identifier: Apache-2.0
import NNQWords

/// The limits that `--min METRIC=VALUE` and `--max METRIC=VALUE` set.
struct MetricLimits: Sendable {
  private struct Limit {
    let option: String
    let name: String
    let value: Double
    let isLowest: Bool
  }

  private let limits: [Limit]

  /// - Parameter known: the metrics of the task, for example without any row.
  /// - Throws: a usage ``Failure`` for an unknown metric, which lists the known ones, and for a value
  ///   that is no number.
  init(_ arguments: ParsedArguments, known: Metrics) throws(Failure) {
    let names = known.names
    var limits: [Limit] = []
    for option in ["--min", "--max"] {
      for (name, text) in try arguments.assignments(option) {
        guard names.contains(name) else {
          throw arguments.bad(
            option, name, "is not a metric of this model: \(known.summary)",
            hint: closest(to: name, among: names).map { "did you mean \(quoted($0))?" })
        }
        let value = try arguments.finiteNumber(text, of: option)
        limits.append(Limit(option: option, name: name, value: value, isLowest: option == "--min"))
      }
    }
    self.limits = limits
  }

  /// A sentence for each limit that is missed; a metric without a value misses every limit.
  func misses(_ metrics: Metrics) -> [String] {
    limits.compactMap { limit in
      let side = limit.isLowest ? "below" : "above"
      let wanted = "\(limit.option) \(limit.name)=\(limit.value)"
      guard let value = metrics[limit.name] else {
        return "\(limit.name) is not defined by these rows (\(wanted))"
      }
      let isMissed = limit.isLowest ? value < limit.value : value > limit.value
      return isMissed ? "\(limit.name) is \(value), \(side) \(limit.value) (\(wanted))" : nil
    }
  }
}
