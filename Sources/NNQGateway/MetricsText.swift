// SPDX-License-Identifier: Apache-2.0
import NNQWords

/// Counters and gauges in the text format of Prometheus.
struct MetricsText {
  private(set) var text = ""

  mutating func counter(_ name: String, _ help: String, _ value: some BinaryInteger) {
    counter(name, help, [("", value)])
  }

  mutating func counter(
    _ name: String, _ help: String, _ values: [(labels: String, value: some BinaryInteger)]
  ) {
    begin(name, help, "counter")
    for (labels, value) in values { line(name, labels, "\(value)") }
  }

  mutating func gauge(_ name: String, _ help: String, _ value: some Numeric) {
    gauge(name, help, [("", value)])
  }

  mutating func gauge(
    _ name: String, _ help: String, _ values: [(labels: String, value: some Numeric)]
  ) {
    begin(name, help, "gauge")
    for (labels, value) in values { line(name, labels, "\(value)") }
  }

  /// - Parameter counts: one for each edge and one for what is beyond the last; not cumulative.
  mutating func histogram(
    _ name: String, _ help: String, edges: [Double], counts: [UInt64], sum: Double
  ) {
    begin(name, help, "histogram")
    var total: UInt64 = 0
    for (index, count) in counts.enumerated() {
      total += count
      let edge = index < edges.count ? "\(edges[index])" : "+Inf"
      line("\(name)_bucket", "le=\"\(edge)\"", "\(total)")
    }
    line("\(name)_sum", "", "\(sum)")
    line("\(name)_count", "", "\(total)")
  }

  /// A label with its value escaped.
  static func label(_ name: String, _ value: String) -> String {
    // A scalar at a time: a quotation mark may be one character with the accent behind it, and a line
    // end one with the carriage return before it.
    var escaped = ""
    for scalar in value.unicodeScalars {
      switch scalar {
      case "\\": escaped += "\\\\"
      case "\"": escaped += "\\\""
      case "\n": escaped += "\\n"
      default:
        let shown = printable(String(scalar))
        // The format knows no other escape: the backslash of a control character is one itself.
        escaped += shown.hasPrefix("\\") ? "\\" + shown : shown
      }
    }
    return "\(name)=\"\(escaped)\""
  }

  private mutating func begin(_ name: String, _ help: String, _ type: String) {
    text += "# HELP nnqd_\(name) \(help)\n# TYPE nnqd_\(name) \(type)\n"
  }

  private mutating func line(_ name: String, _ labels: String, _ value: String) {
    text += "nnqd_\(name)" + (labels.isEmpty ? "" : "{\(labels)}") + " \(value)\n"
  }
}
