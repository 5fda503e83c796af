// SPDX-License-Identifier: Apache-2.0
import NNQFormat

/// The metrics of one model on one table, in a fixed order.
struct Metrics: Equatable, Sendable {
  struct Metric: Equatable, Sendable {
    /// For example `accuracy` or `rmse.temperature`.
    let name: String
    /// Nil when the rows do not define it, for example an area under a curve with one class only.
    let value: Double?

    /// Whether a higher value is the better one.
    var higherIsBetter: Bool { Metrics.higherIsBetter(name) }
  }

  private(set) var all: [Metric] = []

  /// Those that have a value, all finite.
  var defined: [(name: String, value: Double)] {
    all.compactMap { metric in metric.value.map { (metric.name, $0) } }
  }

  /// The names of those that have none.
  var undefined: [String] { all.filter { $0.value == nil }.map(\.name) }

  var names: [String] { all.map(\.name) }

  subscript(name: String) -> Double? { all.first { $0.name == name }?.value }

  /// The object that `--json` prints; undefined metrics are left out.
  var json: JSON { .object(defined.map { (key: $0.name, value: .number($0.value)) }) }

  /// What says that metrics were left out; nil when none was.
  var note: String? {
    undefined.isEmpty
      ? nil : "left out, not defined by these rows: \(undefined.joined(separator: ", "))"
  }

  mutating func add(_ name: String, _ value: Double?) {
    all.append(Metric(name: name, value: value.flatMap(finite)))
  }

  static func higherIsBetter(_ name: String) -> Bool {
    let kind = name.prefix { $0 != "." }
    return !["rmse", "mae", "log_loss", "hamming_loss"].contains(kind)
  }
}
