// SPDX-License-Identifier: Apache-2.0

/// A strict reader of the text format of Prometheus: every sample stands under the HELP and TYPE of its
/// family, once; counters end with `_total`; buckets grow and end with the count.
struct PrometheusText {
  struct Fault: Error { let line: String }

  private(set) var samples: [String: Double] = [:]
  private(set) var types: [String: String] = [:]

  init(parsing text: String) throws {
    guard text.hasSuffix("\n") else { throw Fault(line: "the last one has no end") }
    var helped: Set<Substring> = []
    var bucket: (family: String, value: Double)?
    for line in text.dropLast().split(separator: "\n", omittingEmptySubsequences: false) {
      let words = line.split(separator: " ", maxSplits: 3)
      if line.hasPrefix("# HELP ") {
        guard words.count == 4, helped.insert(words[2]).inserted else {
          throw Fault(line: "\(line)")
        }
      } else if line.hasPrefix("# TYPE ") {
        guard words.count == 4, helped.contains(words[2]),
          ["counter", "gauge", "histogram"].contains(words[3]),
          types.updateValue("\(words[3])", forKey: "\(words[2])") == nil
        else { throw Fault(line: "\(line)") }
      } else {
        let (series, value) = try Self.sample(line)
        let name = "\(series.prefix { $0 != "{" })"
        let family = ["_bucket", "_sum", "_count"].first { name.hasSuffix($0) }
          .map { "\(name.dropLast($0.count))" }.flatMap { types[$0] == "histogram" ? $0 : nil }
        let type = types[family ?? name]
        let isNamed = type == "counter" ? name.hasSuffix("_total") && value >= 0 : type != nil
        guard isNamed, samples.updateValue(value, forKey: series) == nil else {
          throw Fault(line: "\(line)")
        }
        if let family, name.hasSuffix("_bucket") {
          let isLess = bucket.map { $0.family == family && $0.value > value } ?? false
          guard !isLess else { throw Fault(line: "\(line)") }
          bucket = (family, value)
        } else if let family, name.hasSuffix("_count") {
          guard samples["\(family)_bucket{le=\"+Inf\"}"] == value else {
            throw Fault(line: "\(line)")
          }
        }
      }
    }
  }

  subscript(series: String) -> Double? { samples[series] }

  /// `name value` or `name{label="value",...} value`.
  private static func sample(_ line: Substring) throws -> (String, Double) {
    guard let space = line.lastIndex(of: " "), let value = Double(line[line.index(after: space)...])
    else { throw Fault(line: "\(line)") }
    let series = line[..<space]
    let name = series.prefix { $0 != "{" }
    guard !name.isEmpty,
      name.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") })
    else { throw Fault(line: "\(line)") }
    var rest = series.dropFirst(name.count)
    guard !rest.isEmpty else { return ("\(series)", value) }
    guard rest.last == "}" else { throw Fault(line: "\(line)") }
    rest = rest.dropFirst()
    while rest != "}" {
      let label = rest.prefix { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
      rest = rest.dropFirst(label.count)
      guard !label.isEmpty, rest.hasPrefix("=\"") else { throw Fault(line: "\(line)") }
      rest = rest.dropFirst(2)
      while let character = rest.first, character != "\"" {
        rest = rest.dropFirst(character == "\\" ? 2 : 1)
      }
      guard rest.first == "\"" else { throw Fault(line: "\(line)") }
      rest = rest.dropFirst()
      if rest.first == "," { rest = rest.dropFirst() }
    }
    return ("\(series)", value)
  }
}
