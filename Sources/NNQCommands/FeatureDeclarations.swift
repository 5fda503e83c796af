// SPDX-License-Identifier: Apache-2.0
import NNQFormat

/// What the user says of features: units, and how sensors count. The name `*` stands for all features
/// that are not named.
struct FeatureDeclarations {
  private let units: [(name: String, text: String)]
  private let counts: [(name: String, counts: SensorCounts)]

  /// - Throws: a usage ``Failure`` for a name that is no feature.
  init(_ arguments: ParsedArguments, features: [String]) throws(Failure) {
    units = try arguments.assignments("--unit")
    counts = try arguments.sensorCounts("--counts")
    let named = units.map { ("--unit", $0.name) } + counts.map { ("--counts", $0.name) }
    for (option, name) in named where name != "*" && !features.contains(name) {
      throw arguments.bad(
        option, name, "is no feature of the table",
        hint: closest(to: name, among: features).map { "did you mean \(quoted($0))?" })
    }
  }

  func apply(to features: inout [Feature]) {
    for index in features.indices {
      let name = features[index].name
      if let unit = units.first(where: { $0.name == name })
        ?? units.first(where: { $0.name == "*" })
      {
        features[index].unit = unit.text
      }
      features[index].counts =
        (counts.first { $0.name == name } ?? counts.first { $0.name == "*" })?.counts
    }
  }
}
