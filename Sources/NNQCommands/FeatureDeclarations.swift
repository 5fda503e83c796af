// SPDX-License-Identifier: Apache-2.0
import NNQFormat
import NNQWords

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

  /// What to say of features whose readings in the training rows the declared counts do not reach:
  /// a device would clamp them; nil when all are reached.
  static func caution(_ model: FloatModel) -> String? {
    guard let statistics = model.statistics else { return nil }
    let names = zip(model.features, statistics.quantiles).compactMap { feature, quantiles in
      guard let counts = feature.counts, let least = quantiles.first, let most = quantiles.last
      else { return nil as String? }
      func reading(_ count: Int32) -> Double {
        Double(count) * counts.unitPerCount + counts.zeroValue
      }
      // The last count stands for what rounds to it; a reading is a binary32.
      let slack = counts.unitPerCount + Double(max(least.magnitude, most.magnitude).ulp)
      let isReached =
        Double(least) >= reading(counts.range.lowerBound) - slack
        && Double(most) <= reading(counts.range.upperBound) + slack
      return isReached ? nil : feature.name
    }
    return names.sample.map { "readings that the declared counts do not reach: \($0)" }
  }

  /// - Parameter categories: the features of 0 and 1, which a device counts as they are.
  func apply(to features: inout [Feature], categories: Set<Int> = []) {
    for index in features.indices {
      if categories.contains(index) {
        if !counts.isEmpty { features[index].counts = .category }
        continue
      }
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

extension SensorCounts {
  /// 0 or 1, each as it stands.
  fileprivate static let category = SensorCounts(unitPerCount: 1, zeroValue: 0, range: 0...1)
}
