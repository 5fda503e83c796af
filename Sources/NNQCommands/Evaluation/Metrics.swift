// SPDX-License-Identifier: Apache-2.0

/// The metrics of one model on one table, in a fixed order.
struct Metrics: Equatable, Sendable {
  struct Metric: Equatable, Sendable {
    /// For example `accuracy` or `rmse.temperature`.
    let name: String
    /// Nil when the rows do not define it, for example an area under a curve with one class only.
    let value: Double?
    /// What it is a share of, when it is one of independent rows; nil else.
    var trials: Int?
    /// It is about one class or target.
    var isPart = false

    /// Whether a higher value is the better one.
    var higherIsBetter: Bool { Metrics.higherIsBetter(name) }
  }

  private(set) var all: [Metric] = []

  /// Those that have a value, all finite.
  var defined: [(name: String, value: Double)] {
    all.compactMap { metric in metric.value.map { (metric.name, $0) } }
  }

  /// The names of those that have none, but for those about one class or target.
  var undefined: [String] { all.filter { $0.value == nil && !$0.isPart }.map(\.name) }

  var names: [String] { all.map(\.name) }

  /// The names, those of classes and targets once with `NAME` for all.
  var summary: String {
    var names: [String] = []
    for metric in all {
      let name = metric.isPart ? "\(metric.name.prefix { $0 != "." }).NAME" : metric.name
      if !names.contains(name) { names.append(name) }
    }
    return names.joined(separator: ", ")
  }

  subscript(name: String) -> Double? { all.first { $0.name == name }?.value }

  /// The object that `--json` prints; undefined metrics are left out.
  var json: JSON { .object(defined.map { (key: $0.name, value: .number($0.value)) }) }

  /// What says that metrics were left out; nil when none was.
  var note: String? {
    undefined.isEmpty
      ? nil : "left out, not defined by these rows: \(undefined.joined(separator: ", "))"
  }

  /// - Parameter part: the class or target that it is about; its name follows a point.
  mutating func add(_ name: String, of part: String? = nil, _ value: Double?) {
    all.append(
      Metric(
        name: part.map { "\(name).\($0)" } ?? name, value: value.flatMap(finite),
        isPart: part != nil))
  }

  /// Adds a share of independent rows, whose interval is that of a binomial distribution.
  mutating func add(_ name: String, of part: String? = nil, _ hits: Int, among trials: Int) {
    add(name, of: part, share(hits, of: trials))
    all[all.count - 1].trials = trials
  }

  static func higherIsBetter(_ name: String) -> Bool {
    let kind = name.prefix { $0 != "." }
    return !["rmse", "mae", "log_loss", "hamming_loss", "ece", "cost"].contains(kind)
  }
}
